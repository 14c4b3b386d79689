using System.Diagnostics.CodeAnalysis;
using System.Text;
using NodaTime;

namespace TokenService;

/// <summary>Seals what is told of a denial into a text that only the caller's own account can have read to it, for a time.</summary>
/// <remarks>The form is that of <see cref="AccountSealer"/>; its content is the document.</remarks>
internal sealed class AuthorizationMessageSealer(IKeyRing ring)
{
    /// <summary>The longest message that clients bear, in characters. STS service model, <c>encodedMessageType</c>.</summary>
    internal const int MaxCharacters = 10_240;

    /// <summary>The longest document of a message, in bytes.</summary>
    internal const int MaxDocumentBytes = (MaxCharacters / 4 * 3) - AccountSealer.Overhead;

    private readonly AccountSealer _sealer = new(ring, KeyPurpose.AuthorizationMessage);

    /// <param name="document">JSON, at most <see cref="MaxDocumentBytes"/>.</param>
    /// <param name="account">The account that may read it.</param>
    /// <param name="expiresAt">The first instant at which it cannot be read any more; whole seconds count.</param>
    internal string Seal(ReadOnlySpan<byte> document, string account, Instant expiresAt) => _sealer.Seal(document, account, expiresAt);

    /// <summary>Opens a message for an account.</summary>
    /// <returns><see langword="false"/> for anything but a whole message of this ring and that account before it expires.</returns>
    internal bool TryOpen(string text, string account, Instant now, [NotNullWhen(true)] out string? document)
    {
        document = _sealer.TryOpen(text, MaxCharacters, account, out var content, out var expiresAt) && now < expiresAt
            ? Encoding.UTF8.GetString(content.TrimEnd((byte)0))
            : null;
        return document is not null;
    }
}
