using System.Globalization;
using System.Security.Cryptography;

namespace TokenService;

/// <summary>A long-term key of a user or of an account's root.</summary>
/// <param name="Id">The access key id, 16 to 128 word characters, not beginning with <c>ASIA</c>.</param>
/// <param name="Secret">The secret access key, at most 256 characters.</param>
/// <exception cref="ArgumentException">The id has not the form of a long-term key's, or the secret is too long.</exception>
public sealed record AccessKey(string Id, Secret Secret)
{
    /// <summary>The access key id.</summary>
    public string Id { get; } = AccessKeyId.IsValid(Id) && !AccessKeyId.IsTemporary(Id)
        ? Id
        : throw new ArgumentException("A long-term key's id has 16 to 128 word characters and is not a temporary one.", nameof(Id));

    /// <summary>The secret access key.</summary>
    public Secret Secret { get; } = (Secret ?? throw new ArgumentNullException(nameof(Secret))).Reveal().Length <= SigningKey.MaxSecretLength
        ? Secret
        : throw new ArgumentException($"A secret access key has at most {SigningKey.MaxSecretLength} characters.", nameof(Secret));

    /// <summary>Whether requests may be signed with it; an inactive key is answered like an unknown one.</summary>
    public bool IsActive { get; init; } = true;

    /// <summary>Makes a new key: the account inside its id, thirty random bytes as its secret.</summary>
    /// <param name="account">The owning account's id.</param>
    /// <returns>The key.</returns>
    /// <exception cref="ArgumentException">The account is not twelve digits.</exception>
    public static AccessKey Create(string account)
    {
        ArgumentNullException.ThrowIfNull(account);
        if (!AccountId.IsValid(account))
        {
            throw new ArgumentException("An account id is twelve digits.", nameof(account));
        }

        Span<byte> random = stackalloc byte[EncodedAccount.RandomBytes + 30];
        RandomNumberGenerator.Fill(random);
        var key = new AccessKey(
            AccessKeyId.Create(AccessKeyId.LongTermPrefix, ulong.Parse(account, CultureInfo.InvariantCulture), random),
            new Secret(Convert.ToBase64String(random[EncodedAccount.RandomBytes..])));
        CryptographicOperations.ZeroMemory(random);
        return key;
    }
}

/// <summary>A long-term key together with the one it belongs to.</summary>
/// <param name="Key">The key.</param>
/// <param name="Account">The owning account.</param>
/// <param name="User">The owning user, or <see langword="null"/> where the key is the account root's.</param>
public sealed record AccessKeyOwner(AccessKey Key, Account Account, User? User);
