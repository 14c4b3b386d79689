using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace TokenService;

/// <summary>A key from which the working keys of each purpose are derived; it never seals anything itself.</summary>
/// <remarks>HKDF with SHA-256 (RFC 5869). A key of one purpose opens nothing of another.</remarks>
public sealed class RootKey
{
    /// <summary>The size of a root key, in bytes.</summary>
    public const int Size = 32;

    private readonly byte[] _material;

    /// <summary>Takes a key.</summary>
    /// <param name="id">What names the key in the tokens sealed under it; unique in its ring, and no secret.</param>
    /// <param name="material">Exactly <see cref="Size"/> bytes from a cryptographic source.</param>
    /// <exception cref="ArgumentException">The material has another length.</exception>
    public RootKey(uint id, ReadOnlySpan<byte> material)
    {
        if (material.Length != Size)
        {
            throw new ArgumentException($"A root key has {Size} bytes.", nameof(material));
        }

        Id = id;
        _material = material.ToArray();
    }

    /// <summary>What names the key in the tokens sealed under it.</summary>
    public uint Id { get; }

    /// <summary>A new key from the platform's random source.</summary>
    /// <returns>The key.</returns>
    public static RootKey Generate()
    {
        Span<byte> bytes = stackalloc byte[Size + sizeof(uint)];
        RandomNumberGenerator.Fill(bytes);
        var key = new RootKey(BitConverter.ToUInt32(bytes[Size..]), bytes[..Size]);
        CryptographicOperations.ZeroMemory(bytes);
        return key;
    }

    /// <summary>Never the key.</summary>
    /// <returns>The key's id.</returns>
    public override string ToString() => Id.ToString("x8", System.Globalization.CultureInfo.InvariantCulture);

    internal void Derive(KeyPurpose purpose, ReadOnlySpan<byte> salt, Span<byte> destination)
    {
        Span<byte> info = stackalloc byte[64];
        var length = Encoding.ASCII.GetBytes($"TokenService {purpose} 1", info);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _material, destination, salt, info[..length]);
    }

    internal bool IsSameAs(RootKey other) => Id == other.Id && CryptographicOperations.FixedTimeEquals(_material, other._material);

    internal string Export() => Convert.ToBase64String(_material);
}

/// <summary>What a derived key may be used for.</summary>
internal enum KeyPurpose
{
    /// <summary>Sealing sessions into session tokens.</summary>
    SessionToken,

    /// <summary>Sealing the secrets of multi-factor devices.</summary>
    MfaSecret,

    /// <summary>Sealing what is told of denials.</summary>
    AuthorizationMessage,

    /// <summary>Sealing the trade-in tokens of approvers.</summary>
    TradeInToken,

    /// <summary>Sealing what a SAML response offers to the person who brought it.</summary>
    SamlOffer,
}

/// <summary>The root keys: the one that seals now, and the older ones that still open what they sealed.</summary>
/// <remarks>An older key stays for at least the longest session (36 hours), or sessions end early; and until the devices whose secrets a durable
/// store has under it were renewed (<see cref="MfaSecretSealer.Renew"/>), or their codes are refused. Implementations answer at once and from
/// many threads.</remarks>
public interface IKeyRing
{
    /// <summary>The key that seals.</summary>
    RootKey Current { get; }

    /// <summary>Finds a key by its id.</summary>
    /// <param name="id">The id that stands in a token.</param>
    /// <returns>The key, or <see langword="null"/> where there is none (any more).</returns>
    RootKey? Find(uint id);

    /// <summary>The key that signs web identity tokens now. It has been among <see cref="PublishedKeys"/> for as long as it signs.</summary>
    /// <param name="algorithm">How it shall sign.</param>
    /// <returns>The key, or <see langword="null"/> where the ring signs nothing: then no web identity tokens are issued.</returns>
    WebIdentityKey? FindSigningKey(WebIdentityAlgorithm algorithm) => null;

    /// <summary>The keys whose public halves are published: those that sign, those that will, and those that have signed a token which has not
    /// expired yet.</summary>
    ImmutableArray<WebIdentityKey> PublishedKeys => [];
}
