using System.Buffers;

namespace TokenService;

/// <summary>Matches text against patterns of characters and wildcards, without recursion and in time pattern × text at worst.</summary>
/// <remarks>A pattern is a run of symbols: a character's code, or one of the wildcards, which are negative. So no character can be taken for
/// a wildcard, whatever a variable puts in.</remarks>
internal static class Wildcard
{
    /// <summary>Any run of characters, also none.</summary>
    internal const int Run = -1;

    /// <summary>Any run of characters within a part of an ARN.</summary>
    internal const int RunWithinPart = -2;

    /// <summary>Exactly one character, which is no separator of an ARN. A surrogate pair is one.</summary>
    internal const int One = -3;

    private const int StackLimit = 512;

    /// <summary>Symbols of a text in which <c>*</c> and <c>?</c> are wildcards.</summary>
    internal static int[] Compile(string text)
    {
        var symbols = new int[text.Length];
        for (var index = 0; index < symbols.Length; index++)
        {
            symbols[index] = SymbolOf(text[index]);
        }

        return symbols;
    }

    internal static int SymbolOf(char character) => character switch
    {
        '*' => Run,
        '?' => One,
        _ => character,
    };

    internal static bool MatchesIgnoringCase(ReadOnlySpan<int> upperCasePattern, ReadOnlySpan<char> text) =>
        Greedy(upperCasePattern, text, separatorsEnd: 0, ignoreCase: true);

    internal static bool Matches(ReadOnlySpan<int> pattern, ReadOnlySpan<char> text) =>
        Greedy(pattern, text, separatorsEnd: 0, ignoreCase: false);

    /// <summary>Matches an ARN, in which colons before <paramref name="sixthPart"/> are separators that only <see cref="Run"/> and a colon
    /// itself can take.</summary>
    internal static bool MatchesArn(ReadOnlySpan<int> pattern, ReadOnlySpan<char> text, int sixthPart) =>
        pattern.Contains(RunWithinPart) ? ByPositions(pattern, text, sixthPart) : Greedy(pattern, text, sixthPart, ignoreCase: false);

    // The last run can always take what an earlier one could, so going back to it alone is enough. That holds only while runs may take any
    // character; ByPositions is for the others.
    private static bool Greedy(ReadOnlySpan<int> pattern, ReadOnlySpan<char> text, int separatorsEnd, bool ignoreCase)
    {
        var patternIndex = 0;
        var textIndex = 0;
        var afterRun = -1;
        var runEnd = 0;
        while (textIndex < text.Length)
        {
            if (patternIndex < pattern.Length)
            {
                var symbol = pattern[patternIndex];
                if (symbol == Run)
                {
                    afterRun = ++patternIndex;
                    runEnd = textIndex;
                    continue;
                }

                var character = ignoreCase ? char.ToUpperInvariant(text[textIndex]) : text[textIndex];
                if (symbol == character || (symbol == One && (character != ':' || textIndex >= separatorsEnd)))
                {
                    patternIndex++;
                    textIndex += symbol == One && IsPair(text, textIndex) ? 2 : 1;
                    continue;
                }
            }

            if (afterRun < 0)
            {
                return false;
            }

            patternIndex = afterRun;
            textIndex = ++runEnd;
        }

        while (patternIndex < pattern.Length && pattern[patternIndex] == Run)
        {
            patternIndex++;
        }

        return patternIndex == pattern.Length;
    }

    private static bool IsPair(ReadOnlySpan<char> text, int index) =>
        char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]);

    // Keeps, for the pattern read so far, every position of the text where it can end.
    private static bool ByPositions(ReadOnlySpan<int> pattern, ReadOnlySpan<char> text, int separatorsEnd)
    {
        var rented = text.Length >= StackLimit ? ArrayPool<bool>.Shared.Rent(text.Length + 1) : null;
        var reached = rented is null ? stackalloc bool[StackLimit] : rented;
        reached = reached[..(text.Length + 1)];
        reached.Clear();
        reached[0] = true;
        foreach (var symbol in pattern)
        {
            if (symbol is Run or RunWithinPart)
            {
                for (var index = 0; index < text.Length; index++)
                {
                    reached[index + 1] |= reached[index] && (symbol == Run || text[index] != ':' || index >= separatorsEnd);
                }
            }
            else
            {
                for (var index = text.Length - 1; index >= 0; index--)
                {
                    reached[index + 1] = symbol != One ? reached[index] && symbol == text[index]
                        : index > 0 && IsPair(text, index - 1) ? reached[index - 1]
                        : reached[index] && !IsPair(text, index) && (text[index] != ':' || index >= separatorsEnd);
                }

                reached[0] = false;
            }
        }

        var matches = reached[text.Length];
        if (rented is not null)
        {
            ArrayPool<bool>.Shared.Return(rented);
        }

        return matches;
    }
}
