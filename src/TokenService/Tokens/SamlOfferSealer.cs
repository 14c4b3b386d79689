using NodaTime;

namespace TokenService;

/// <summary>Seals what a SAML response offers into a text that a page keeps for the person who signs in, for a time.</summary>
/// <remarks>The form is that of <see cref="AccountSealer"/>, for no account: whoever brought the response has the text.</remarks>
internal sealed class SamlOfferSealer(IKeyRing ring)
{
    /// <summary>The longest text, in characters.</summary>
    internal const int MaxCharacters = 262_144;

    private const string NoAccount = "";

    private readonly AccountSealer _sealer = new(ring, KeyPurpose.SamlOffer);

    /// <param name="content">What is offered.</param>
    /// <param name="expiresAt">The first instant at which it is worth nothing; whole seconds count.</param>
    internal string Seal(ReadOnlySpan<byte> content, Instant expiresAt) => _sealer.Seal(content, NoAccount, expiresAt);

    /// <summary>Opens a text. Expiry is told and not looked at.</summary>
    /// <param name="text">The text.</param>
    /// <param name="content">What was sealed, with zeros behind it.</param>
    /// <param name="expiresAt">The first instant at which it is worth nothing.</param>
    /// <returns><see langword="false"/> for anything but a whole text of this ring.</returns>
    internal bool TryOpen(string text, out ReadOnlySpan<byte> content, out Instant expiresAt) =>
        _sealer.TryOpen(text, MaxCharacters, NoAccount, out content, out expiresAt);
}
