using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace TokenService;

/// <summary>A secret access key: compared in constant time, and never printed, logged or serialized by accident.</summary>
/// <remarks>Its characters leave through <see cref="Reveal"/> alone, so that a search for that name finds every place where they do.</remarks>
[DebuggerDisplay("***")]
public sealed class Secret : IEquatable<Secret>
{
    /// <summary>A client signs for one day, region and service, or a few.</summary>
    private const int KeptSigningKeys = 4;

    private readonly string _value;
    private SigningKey[] _signingKeys = [];
    private SigningKeyPair? _keyPair;

    /// <summary>Takes a secret.</summary>
    /// <param name="value">Its characters; not empty.</param>
    /// <exception cref="ArgumentException">The value is empty.</exception>
    public Secret(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        _value = value;
    }

    /// <summary>The characters themselves, for the one who is to receive or to use them.</summary>
    /// <returns>The secret in clear.</returns>
    public string Reveal() => _value;

    /// <summary>The key that signs for a day, region and service; four HMACs are spared for each further request of the same scope.</summary>
    /// <param name="scope"><c>yyyymmdd/region/service/aws4_request</c>.</param>
    internal SigningKey SigningKeyFor(ReadOnlySpan<char> scope)
    {
        var keys = _signingKeys;
        foreach (var key in keys)
        {
            if (key.IsFor(scope))
            {
                return key;
            }
        }

        // Two threads may derive at once, and one of the keys be forgotten: it is derived again then.
        var derived = new SigningKey(_value, scope);
        _signingKeys = [derived, .. keys.AsSpan(0, Math.Min(keys.Length, KeptSigningKeys - 1))];
        return derived;
    }

    /// <summary>The key pair of Signature Version 4A. It depends on the access key's id, and a secret belongs to one: the last is kept.</summary>
    internal SigningKeyPair KeyPairFor(ReadOnlySpan<char> accessKeyId)
    {
        if (_keyPair is { } kept && kept.IsFor(accessKeyId))
        {
            return kept;
        }

        return _keyPair = new SigningKeyPair(_value, accessKeyId);
    }

    /// <summary>Whether two secrets are the same, in time that does not depend on where they differ.</summary>
    /// <param name="other">The other secret.</param>
    /// <returns>Whether they are equal.</returns>
    public bool Equals(Secret? other) =>
        other is not null
        && CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(_value.AsSpan()), MemoryMarshal.AsBytes(other._value.AsSpan()));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Secret);

    /// <summary>The same number for every secret: a hash of the characters would be a hint.</summary>
    /// <returns>Zero.</returns>
    public override int GetHashCode() => 0;

    /// <summary>Three asterisks, whatever the secret.</summary>
    /// <returns><c>***</c></returns>
    public override string ToString() => "***";
}
