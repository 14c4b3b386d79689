using System.Diagnostics.CodeAnalysis;
using NodaTime;

namespace TokenService;

/// <summary>Makes encoded authorization messages of denials: what a caller gets to see of the reasons is a sealed text, which
/// <c>DecodeAuthorizationMessage</c> reads to those of the same account who have the permission.</summary>
/// <remarks>Source: STS API Reference (2011-06-15), <c>DecodeAuthorizationMessage</c>. A service appends it to its refusal, as EC2 does:
/// <c>You are not authorized to perform this operation. Encoded authorization failure message: …</c>. Safe for many threads.</remarks>
public sealed class AuthorizationMessages
{
    private readonly AuthorizationMessageSealer _sealer;
    private readonly Duration _lifetime;
    private readonly IClock _clock;

    internal AuthorizationMessages(AuthorizationMessageSealer sealer, Duration lifetime, IClock clock)
    {
        _sealer = sealer;
        _lifetime = lifetime;
        _clock = clock;
    }

    /// <summary>Seals a denial for the account of the caller who was denied.</summary>
    /// <param name="decision">The decision, of an <see cref="IAuthorizer"/> or an <see cref="ITrustPolicyEvaluator"/>.</param>
    /// <param name="message">The message, when the answer is <see langword="true"/>: at most 10,240 characters of <c>A-Z a-z 0-9 - _</c>. A
    /// denial with more to tell loses details, never its form.</param>
    /// <returns><see langword="false"/> where nothing was denied, or the caller belongs to no account that could ask.</returns>
    public bool TryEncode(Decision decision, [NotNullWhen(true)] out string? message)
    {
        ArgumentNullException.ThrowIfNull(decision);
        message = null;
        if (decision.Request is { Context: CallerContext { Described: { } caller } } request)
        {
            var document = DenialDocument.Write(decision, request, caller, AuthorizationMessageSealer.MaxDocumentBytes);
            message = _sealer.Seal(document.Span, caller.Account.Id, _clock.GetCurrentInstant() + _lifetime);
        }

        return message is not null;
    }
}
