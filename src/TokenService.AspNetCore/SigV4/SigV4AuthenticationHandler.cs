using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace TokenService.AspNetCore;

/// <summary>Turns a signed request into a principal.</summary>
/// <remarks>One instance serves one request, so what <see cref="HandleAuthenticateAsync"/> found wrong is still there when the challenge is
/// answered. A store that is down throws: the host's own error handling answers then.</remarks>
internal sealed class SigV4AuthenticationHandler(
    IOptionsMonitor<SigV4Options> options, ILoggerFactory logger, UrlEncoder encoder, RequestAuthenticator authenticator)
    : AuthenticationHandler<SigV4Options>(options, logger, encoder)
{
    private StsError? _refusal;

    /// <summary>Whether a request claims to be signed at all; one with another scheme's <c>Authorization</c> is that scheme's. Parameters have these
    /// names to the letter: with others there is nothing that would be checked, and no rate of signed requests to be had.</summary>
    internal static bool IsSigned(HttpRequest request) =>
        request.Headers.Authorization.Any(value => value?.StartsWith("AWS4-", StringComparison.Ordinal) == true)
        || request.Query.Keys.Any(name => name is "X-Amz-Algorithm" or "X-Amz-Credential" or "X-Amz-Signature");

    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // The Security Token Service checks its requests itself; to read their bodies here would be to do its work twice.
        if (!IsSigned(Request) || Context.GetEndpoint()?.Metadata.GetMetadata<ChecksSignatures>() is not null)
        {
            return AuthenticateResult.NoResult();
        }

        var isBodyToFollow = Options.Rules!.IsS3 && Context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false };
        byte[] body = [];
        if (!Options.Rules.IsS3)
        {
            // As the server itself does it: half a body that is left behind must not be read as if it were a whole one.
            body = await RequestReader.ReadBodyAsync(Request, Options.MaxBodySize, Context.RequestAborted).ConfigureAwait(false)
                ?? throw new BadHttpRequestException("The body is larger than what is read to check a signature.", StatusCodes.Status413PayloadTooLarge);

            // The endpoint reads the same bytes that the signature was checked over.
            Request.Body = new MemoryStream(body, writable: false);
        }

        var result = await authenticator.AuthenticateAsync(RequestReader.ToSigned(Context, body, isBodyToFollow), Options.Rules, Context.RequestAborted)
            .ConfigureAwait(false);
        if (!result.TryGetValue(out var authenticated, out var error))
        {
            _refusal = error;
            return error.Code == StsError.MissingAuthenticationToken().Code ? AuthenticateResult.NoResult() : AuthenticateResult.Fail(error.Code);
        }

        if (authenticated.Payload is { } payload)
        {
            Context.ReadThrough(payload);
        }

        var principal = new System.Security.Claims.ClaimsPrincipal(new CallerIdentity(authenticated.Caller, authenticated.Region, Scheme.Name));
        return AuthenticateResult.Success(new AuthenticationTicket(principal, Scheme.Name));
    }

    /// <inheritdoc/>
    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        // Fills in what is wrong where nothing has asked yet; the answer is remembered, so the signature is checked once.
        await HandleAuthenticateOnceAsync().ConfigureAwait(false);
        await RefuseAsync(_refusal ?? StsError.MissingAuthenticationToken()).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        if (ActionAuthorization.Decided(Context) is { Decision.IsAllowed: false } denied)
        {
            var services = Context.RequestServices;
            await RefuseAsync(denied.ToRefusal(
                services.GetRequiredService<IOptions<ActionAuthorizationOptions>>().Value, services.GetRequiredService<AuthorizationMessages>())).ConfigureAwait(false);
            return;
        }

        var caller = (await HandleAuthenticateOnceAsync().ConfigureAwait(false)).Principal?.GetCaller();
        await RefuseAsync(StsError.AccessDenied(caller is null ? "Access denied" : $"User: {caller.Arn} is not authorized to perform this request"))
            .ConfigureAwait(false);
    }

    private Task RefuseAsync(StsError error)
    {
        var requestId = RequestId.Create();
        return (Options.Rules!.IsS3 ? Answer.S3Refusal(error, requestId) : Answer.Refusal(asJson: false, error, requestId)).SendAsync(Context, requestId);
    }
}
