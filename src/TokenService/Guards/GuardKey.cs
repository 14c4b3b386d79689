using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace TokenService;

/// <summary>What a guard remembers something under: a kind, and a digest of whatever it is about.</summary>
/// <remarks>However long the parts are that a client chose (a <c>jti</c>, the id of an assertion), the key is short, has no character that a
/// store would have to escape, and tells a dump of the store neither names nor serial numbers. Equal on every node.</remarks>
public sealed record GuardKey
{
    /// <summary>The longest text of a key, in characters.</summary>
    public const int MaxLength = MaxKindLength + 1 + 43;

    private const int MaxKindLength = 32;

    private GuardKey(string kind, string text)
    {
        Kind = kind;
        Text = text;
    }

    /// <summary>The key as shared stores keep it: <c>KIND:DIGEST</c>, at most <see cref="MaxLength"/> ASCII characters.</summary>
    public string Text { get; }

    /// <summary>What is remembered under it, such as <c>mfa-code</c>: what an implementation may bound each kind by, so that none takes the room of
    /// another.</summary>
    public string Kind { get; }

    /// <summary>Makes a key.</summary>
    /// <param name="kind">What is remembered, such as <c>mfa-code</c>: 1 to 32 characters of <c>a-z 0-9 -</c>. Kinds share no key.</param>
    /// <param name="parts">What it is about; where one part ends and the next begins counts, so that no two lists make the same key.</param>
    /// <returns>The key.</returns>
    /// <exception cref="ArgumentException">The kind has not the form of one, or there is no part.</exception>
    public static GuardKey Create(string kind, params ReadOnlySpan<string> parts)
    {
        ArgumentNullException.ThrowIfNull(kind);
        if (kind.Length is 0 or > MaxKindLength || !kind.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-'))
        {
            throw new ArgumentException($"A kind has 1 to {MaxKindLength} characters of a-z, 0-9 and -.", nameof(kind));
        }

        if (parts.IsEmpty)
        {
            throw new ArgumentException("A key is about something.", nameof(parts));
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        foreach (var part in parts)
        {
            // The UTF-16 units themselves: an encoder would write every broken surrogate alike, and two texts would share a key.
            BinaryPrimitives.WriteInt32LittleEndian(bytes, part.Length);
            hash.AppendData(bytes[..sizeof(int)]);
            hash.AppendData(MemoryMarshal.AsBytes(part.AsSpan()));
        }

        hash.GetHashAndReset(bytes);
        return new GuardKey(kind, $"{kind}:{Base64Url.EncodeToString(bytes)}");
    }

    /// <summary>The key's text.</summary>
    /// <returns>The text of <see cref="Text"/>.</returns>
    public override string ToString() => Text;
}
