using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace TokenService;

/// <summary>A secret access key: compared in constant time, and never printed, logged or serialized by accident.</summary>
/// <remarks>Its characters leave through <see cref="Reveal"/> alone, so that a search for that name finds every place where they do.</remarks>
[DebuggerDisplay("***")]
public sealed class Secret : IEquatable<Secret>
{
    private readonly string _value;

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

    /// <summary>Whether two secrets are the same, in time that does not depend on where they differ.</summary>
    /// <param name="other">The other secret.</param>
    /// <returns>Whether they are equal.</returns>
    public bool Equals(Secret? other) =>
        other is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(_value), Encoding.UTF8.GetBytes(other._value));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Secret);

    /// <summary>The same number for every secret: a hash of the characters would be a hint.</summary>
    /// <returns>Zero.</returns>
    public override int GetHashCode() => 0;

    /// <summary>Three asterisks, whatever the secret.</summary>
    /// <returns><c>***</c></returns>
    public override string ToString() => "***";
}
