namespace TokenService;

/// <summary>What stands behind <c>Credential=</c>: an access key id and the scope of the signature, <c>ID/yyyymmdd/region/service/aws4_request</c>; for Signature
/// Version 4A without the region.</summary>
/// <remarks>Source: IAM User Guide, "Signature Version 4 signing process", credential scope. Its parts are views of the text.</remarks>
internal readonly struct CredentialScope
{
    /// <summary>The longest credential that is looked at, in characters: an access key id has 128 at most.</summary>
    private const int MaxLength = 256;

    private readonly string? _text;
    private readonly int _start;
    private readonly int _length;
    private readonly int _date;
    private readonly int _region;
    private readonly int _service;
    private readonly int _terminator;

    private CredentialScope(string text, int start, int length, int date, int region, int service, int terminator)
    {
        _text = text;
        _start = start;
        _length = length;
        _date = date;
        _region = region;
        _service = service;
        _terminator = terminator;
    }

    /// <summary>All elements.</summary>
    internal ReadOnlySpan<char> Text => _text.AsSpan(_start, _length);

    /// <summary>Whether nothing was read.</summary>
    internal bool IsEmpty => _text is null;

    internal ReadOnlySpan<char> AccessKeyId => Text[..(_date - 1)];

    /// <summary>All elements but the first, with the slashes between them, as they stand in the string to sign.</summary>
    internal ReadOnlySpan<char> Scope => Text[_date..];

    internal ReadOnlySpan<char> Date => Text[_date..(_region - 1)];

    /// <summary>The region; empty where the scope has none.</summary>
    internal ReadOnlySpan<char> Region => _region == _service ? [] : Text[_region..(_service - 1)];

    /// <summary>Where the region stands in the text that was read, for whoever may want it later.</summary>
    internal (string Text, int Start, int Length) RegionInText => (_text!, _start + _region, _service - 1 - _region);

    internal ReadOnlySpan<char> Service => Text[_service..(_terminator - 1)];

    internal ReadOnlySpan<char> Terminator => Text[_terminator..];

    /// <returns><see langword="false"/> where the text has not five elements (four without a region), or is longer than any can be.</returns>
    internal static bool TryParse(string source, Range range, bool hasRegion, out CredentialScope scope)
    {
        scope = default;
        var (offset, length) = range.GetOffsetAndLength(source.Length);
        var text = source.AsSpan(offset, length);
        if (text.Length > MaxLength)
        {
            return false;
        }

        Span<int> starts = stackalloc int[4];
        var start = 0;
        for (var element = 0; element < starts.Length; element++)
        {
            if (element == 2 && !hasRegion)
            {
                // The service begins where the region would.
                starts[element] = start;
                continue;
            }

            var slash = text[start..].IndexOf('/');
            if (slash < 0)
            {
                return false;
            }

            starts[element] = start += slash + 1;
        }

        scope = new CredentialScope(source, offset, length, starts[0], starts[1], starts[2], starts[3]);
        return !text[start..].Contains('/');
    }

    /// <summary>Whether a text has the form of a region's name, such as <c>us-gov-west-1</c>: lower-case words and a number.</summary>
    internal static bool IsRegionName(ReadOnlySpan<char> text)
    {
        const int longest = 32;
        if (text.Length > longest)
        {
            return false;
        }

        // Words of letters, each closed by a hyphen, at least two; then one or two digits.
        var (words, letters, digits) = (0, 0, 0);
        foreach (var character in text)
        {
            switch (character)
            {
                case >= 'a' and <= 'z' when digits == 0:
                    letters++;
                    break;
                case '-' when letters > 0:
                    words++;
                    letters = 0;
                    break;
                case >= '0' and <= '9' when letters == 0 && words >= 2:
                    digits++;
                    break;
                default:
                    return false;
            }
        }

        return digits is 1 or 2;
    }
}
