using System.Buffers;
using System.Security.Cryptography;

namespace TokenService;

/// <summary>The ids that IAM gives to entities, which survive a rename and end with a deletion (<c>AIDA…</c>, <c>AROA…</c>, <c>AGPA…</c>).</summary>
/// <remarks>Twenty-one characters: a prefix, the account as in an access key id, one more. Source: IAM User Guide, "Unique identifiers".</remarks>
public static class UniqueId
{
    /// <summary>The prefix of a user's id.</summary>
    public const string UserPrefix = "AIDA";

    /// <summary>The prefix of a role's id.</summary>
    public const string RolePrefix = "AROA";

    /// <summary>The prefix of a group's id.</summary>
    public const string GroupPrefix = "AGPA";

    private const int Length = 21;
    private const int MinLength = 16;
    private const int MaxLength = 128;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private static readonly SearchValues<char> WordCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    /// <summary>Whether a text could be the unique id of an entity of a kind; directories that were imported have longer and shorter ones than
    /// those that are made here.</summary>
    /// <param name="text">The text to look at.</param>
    /// <param name="prefix">The kind's prefix, such as <see cref="RolePrefix"/>; its letter case counts.</param>
    /// <returns>Whether it is 16 to 128 ASCII letters, digits or underscores, the prefix first.</returns>
    /// <remarks>Source: IAM API Reference, the type of <c>RoleId</c> and <c>UserId</c>.</remarks>
    public static bool IsValid(ReadOnlySpan<char> text, string prefix) =>
        text.Length is >= MinLength and <= MaxLength && text.StartsWith(prefix, StringComparison.Ordinal) && !text.ContainsAnyExcept(WordCharacters);

    /// <summary>Makes a new id, unlike any other.</summary>
    /// <param name="prefix">Four letters, such as <see cref="RolePrefix"/>.</param>
    /// <param name="account">The owning account's id.</param>
    /// <returns>The id.</returns>
    /// <exception cref="ArgumentException">The account is not twelve digits, or the prefix not four characters.</exception>
    public static string Create(string prefix, string account)
    {
        Span<byte> random = stackalloc byte[EncodedAccount.RandomBytes + 1];
        RandomNumberGenerator.Fill(random);
        return Compose(prefix, account, random);
    }

    /// <summary>Makes the id that stays the same for the same account, kind and name, for directories that are loaded from a file which
    /// names none.</summary>
    /// <param name="prefix">Four letters, such as <see cref="RolePrefix"/>.</param>
    /// <param name="account">The owning account's id.</param>
    /// <param name="name">The entity's name; letter case does not count, as it does not in IAM.</param>
    /// <returns>The id.</returns>
    /// <exception cref="ArgumentException">The account is not twelve digits, or the prefix not four characters.</exception>
    public static string Derive(string prefix, string account, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{prefix}\n{account}\n{name.ToUpperInvariant()}"), hash);
        return Compose(prefix, account, hash);
    }

    private static string Compose(string prefix, string account, ReadOnlySpan<byte> random)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (prefix.Length != 4 || !AccountId.IsValid(account))
        {
            throw new ArgumentException("A unique id takes a prefix of four letters and an account id of twelve digits.", nameof(account));
        }

        Span<char> text = stackalloc char[Length];
        prefix.CopyTo(text);
        EncodedAccount.Write(ulong.Parse(account, System.Globalization.CultureInfo.InvariantCulture), random, text[4..]);
        text[^1] = Alphabet[random[EncodedAccount.RandomBytes] & 31];
        return new string(text);
    }
}
