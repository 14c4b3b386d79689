using NodaTime;

namespace TokenService.AspNetCore;

/// <summary>Writes the elements of an answer, in whichever format the client asked for.</summary>
/// <remarks>The caller opens and closes structures in order; an element that has no value is left out by not being written.</remarks>
internal abstract class AnswerWriter
{
    /// <summary>The answer's media type, exactly as it stands in the header.</summary>
    internal abstract string ContentType { get; }

    internal abstract void Open(string name);

    internal abstract void Close();

    internal abstract void Text(string name, string value);

    internal abstract void Number(string name, long value);

    /// <summary>A point in time, in whole seconds.</summary>
    internal abstract void Time(string name, Instant value);

    /// <summary>The whole answer's bytes, once every structure is closed.</summary>
    internal abstract ReadOnlyMemory<byte> Complete();

    internal void OptionalText(string name, string? value)
    {
        if (value is not null)
        {
            Text(name, value);
        }
    }

    /// <summary>A text that both formats can hold: what XML 1.0 has no place for, and halves of surrogate pairs, become U+FFFD, so that no
    /// client's input breaks the answer that repeats it.</summary>
    /// <remarks>Source: Extensible Markup Language 1.0, production [2] <c>Char</c>.</remarks>
    private protected static string Legible(string text)
    {
        var legible = true;
        for (var index = 0; legible && index < text.Length; index++)
        {
            legible = IsLegible(text, index);
        }

        return legible
            ? text
            : string.Create(text.Length, text, static (characters, source) =>
            {
                for (var index = 0; index < characters.Length; index++)
                {
                    characters[index] = IsLegible(source, index) ? source[index] : '\uFFFD';
                }
            });
    }

    private static bool IsLegible(string text, int index)
    {
        var character = text[index];
        return char.IsHighSurrogate(character) ? index + 1 < text.Length && char.IsLowSurrogate(text[index + 1])
            : char.IsLowSurrogate(character) ? index > 0 && char.IsHighSurrogate(text[index - 1])
            : character is '\t' or '\n' or '\r' or (>= ' ' and < '\uFFFE');
    }
}
