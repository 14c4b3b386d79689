using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace TokenService;

/// <summary>The form of an access key id: a prefix that tells its kind, then sixteen characters that carry the owning account.</summary>
/// <remarks>Source: IAM User Guide, "Unique identifiers"; the STS model takes 16 to 128 word characters, so length is not assumed on input.</remarks>
public static class AccessKeyId
{
    /// <summary>The prefix of a long-term key, of a user or of an account's root.</summary>
    public const string LongTermPrefix = "AKIA";

    /// <summary>The prefix of a temporary key, which is worthless without its session token.</summary>
    public const string TemporaryPrefix = "ASIA";

    /// <summary>The shortest id that is looked at, in characters.</summary>
    public const int MinLength = 16;

    /// <summary>The longest id that is looked at, in characters.</summary>
    public const int MaxLength = 128;

    private static readonly SearchValues<char> WordCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    /// <summary>The length of the ids that are made here, in characters.</summary>
    internal const int MintedLength = 20;

    /// <summary>Whether a text could be an access key id.</summary>
    /// <param name="text">The text to look at.</param>
    /// <returns>Whether it is 16 to 128 ASCII letters, digits or underscores.</returns>
    public static bool IsValid(ReadOnlySpan<char> text) =>
        text.Length is >= MinLength and <= MaxLength && !text.ContainsAnyExcept(WordCharacters);

    /// <summary>Whether the id is that of temporary credentials.</summary>
    /// <param name="id">An access key id.</param>
    /// <returns>Whether it begins with <see cref="TemporaryPrefix"/>.</returns>
    public static bool IsTemporary(ReadOnlySpan<char> id) => id.StartsWith(TemporaryPrefix, StringComparison.Ordinal);

    /// <summary>Reads the account that is encoded in an id, which routes a request but proves nothing.</summary>
    /// <param name="id">An access key id.</param>
    /// <param name="account">The account's id, when the answer is <see langword="true"/>.</param>
    /// <returns><see langword="false"/> for ids of the old form, which carry no account, and for what is no id.</returns>
    public static bool TryGetAccount(string? id, [NotNullWhen(true)] out string? account) => EncodedAccount.TryRead(id, out account);

    /// <summary>What a client called an access key id, if it may stand in a log: a secret or a token in its place may not.</summary>
    internal static string? ForLog(ReadOnlySpan<char> text) =>
        IsValid(text) && (IsTemporary(text) || text.StartsWith(LongTermPrefix, StringComparison.Ordinal)) ? text.ToString() : null;

    internal static string Create(string prefix, ulong account, ReadOnlySpan<byte> random)
    {
        Span<char> text = stackalloc char[MintedLength];
        prefix.CopyTo(text);
        EncodedAccount.Write(account, random, text[prefix.Length..]);
        return new string(text);
    }
}
