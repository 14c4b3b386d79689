using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace TokenService;

/// <summary>What an approver lends: a session that has not begun, so that it has neither key nor secret.</summary>
/// <param name="Session">The session: what it stands on, its policy, when it was approved, when it ends.</param>
/// <param name="Policy">The policy that bounds it, as it is packed into tokens.</param>
/// <param name="IsSingleUse">Whether the token is used up when it is redeemed.</param>
internal sealed record TradeIn(Session Session, SessionPolicy Policy, bool IsSingleUse);

/// <summary>Seals what an approver lends into a text that the requester's account alone can redeem.</summary>
/// <remarks>The form is that of <see cref="AccountSealer"/>; its content is whether it can be redeemed again (1 byte), then the session by
/// <see cref="TokenLayout"/>. A session token is no trade-in token, and the other way round: their keys have different purposes.</remarks>
internal sealed class TradeInTokenSealer(IKeyRing ring, SessionPolicyCache policies)
{
    /// <summary>The longest token that is looked at, in characters.</summary>
    internal const int MaxCharacters = TokenSealer.MaxTokenCharacters;

    private readonly AccountSealer _sealer = new(ring, KeyPurpose.TradeInToken);

    internal string Seal(TradeIn tradeIn, string requesterAccount)
    {
        var content = ArrayPool<byte>.Shared.Rent(1 + TokenLayout.MaxLength(tradeIn.Session, tradeIn.Policy));
        try
        {
            content[0] = tradeIn.IsSingleUse ? (byte)1 : (byte)0;
            var length = 1 + TokenLayout.Write(tradeIn.Session, tradeIn.Policy, content.AsSpan(1));
            return _sealer.Seal(content.AsSpan(0, length), requesterAccount, tradeIn.Session.ExpiresAt);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
            ArrayPool<byte>.Shared.Return(content);
        }
    }

    /// <summary>Opens a token for the account of whoever wants to redeem it. Expiry is not looked at.</summary>
    /// <returns><see langword="false"/> for anything but a whole token of this ring and for that account.</returns>
    internal bool TryOpen(string text, string requesterAccount, [NotNullWhen(true)] out TradeIn? tradeIn)
    {
        tradeIn = null;
        if (_sealer.TryOpen(text, MaxCharacters, requesterAccount, out var content, out _))
        {
            var session = TokenLayout.Read(content[1..], policies);
            tradeIn = new TradeIn(session, policies.Read(session.InlinePolicy!.Text).Value, content[0] == 1);
        }

        return tradeIn is not null;
    }
}
