using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace TokenService.AspNetCore;

/// <summary>Checks who signed a request; in production the <see cref="RequestAuthenticator"/>.</summary>
internal delegate ValueTask<StsResult<AuthenticatedRequest>> SignatureCheck(
    HttpContext context, SignedRequest request, SignatureRules rules, CancellationToken cancellationToken);

/// <summary>Marks an endpoint that checks the signatures of its requests itself.</summary>
internal sealed class ChecksSignatures;

/// <summary>One request, top to bottom: source address, body, parameters, operation, signature, principal, parameters' form, execution, answer.</summary>
/// <remarks>Who asks too often is refused before anything is read or computed for the address, and before anything is looked up for the
/// principal. As on the live service the dispatcher comes before authentication: an operation that is not there is refused before anybody is
/// authenticated, and nothing else is (reference 2.1, 5.1, 11.7). What an anonymous client can learn is which operations are offered.</remarks>
internal sealed partial class StsEndpoint
{
    private const string ProductPage = "https://aws.amazon.com/iam";
    private const string Form = "application/x-www-form-urlencoded";

    private readonly int _maxBodySize;
    private readonly bool _redirectWhenNoAction;
    private readonly bool _answerJson;
    private readonly SignatureRules _rules;
    private readonly SignatureCheck _authenticate;
    private readonly RequestThrottle _throttle;
    private readonly ILogger _logger;

    internal StsEndpoint(TokenServiceEndpointOptions options, SignatureCheck authenticate, RequestThrottle throttle, ILogger<StsEndpoint> logger)
    {
        _maxBodySize = options.MaxBodySize;
        _redirectWhenNoAction = options.RedirectWhenNoAction;
        _answerJson = options.AnswerJson;
        _rules = SignatureRules.Sts with { Regions = [.. options.SigningRegions] };
        _authenticate = authenticate;
        _throttle = throttle;
        _logger = logger;
        Cors = new CorsRules(options.CorsOrigins);
    }

    internal CorsRules Cors { get; }

    internal async Task HandleAsync(HttpContext context)
    {
        if (HttpMethods.IsOptions(context.Request.Method))
        {
            Cors.AnswerPreflight(context);
            return;
        }

        Cors.Apply(context);
        var requestId = RequestId.Create();
        context.Response.Headers[Answer.RequestIdHeader] = requestId;
        try
        {
            await HandleAsync(context, requestId).ConfigureAwait(false);
        }
        catch (BadHttpRequestException broken) when (!context.Response.HasStarted)
        {
            // The server's own limits and its own syntax: it says which status belongs to them.
            context.Response.StatusCode = broken.StatusCode;
        }
        catch (Exception gone) when (context.RequestAborted.IsCancellationRequested)
        {
            Gone(_logger, gone, requestId);
        }
        catch (Exception broken) when (!context.Response.HasStarted)
        {
            // The one edge where a breakage, such as a store that is down, becomes an answer.
            Broke(_logger, broken, requestId);
            await Answer.Refusal(PrefersJson(context), StsError.InternalFailure(), requestId).SendAsync(context, requestId).ConfigureAwait(false);
        }
    }

    private async Task HandleAsync(HttpContext context, string requestId)
    {
        if (_throttle.CheckSource(context.Connection.RemoteIpAddress, SigV4AuthenticationHandler.IsSigned(context.Request)) is { } throttled)
        {
            await RefuseAsync(context, throttled, requestId).ConfigureAwait(false);
            return;
        }

        if (await RequestReader.ReadBodyAsync(context.Request, _maxBodySize, context.RequestAborted).ConfigureAwait(false) is not { } body)
        {
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return;
        }

        var parameters = new Parameters();
        var isForm = HttpMethods.IsPost(context.Request.Method) && IsForm(context.Request);
        var signed = RequestReader.ToSigned(context, body);
        var reading = isForm ? QueryParser.Read(body, parameters) : QueryReading.Complete;
        if (reading == QueryReading.Complete)
        {
            reading = QueryParser.Read(Encoding.UTF8.GetBytes(signed.Query), parameters);
        }

        if (reading == QueryReading.Broken)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        // A body that nobody reads must not seem to be heard: a POST that is no form names no operation, whatever its query says.
        var action = isForm || HttpMethods.IsGet(context.Request.Method) ? parameters.Text("Action") : null;
        if (string.IsNullOrEmpty(action) && _redirectWhenNoAction)
        {
            context.Response.Redirect(ProductPage);
            return;
        }

        var result = reading == QueryReading.TooMany
            ? StsError.InvalidQueryParameter($"A request has at most {Parameters.MaxCount} parameters.")
            : await ExecuteAsync(context, action, parameters, signed).ConfigureAwait(false);
        if (!result.TryGetValue(out var write, out var error))
        {
            await RefuseAsync(context, error, requestId).ConfigureAwait(false);
            return;
        }

        Granted(_logger, action!, requestId);
        await Answer.Success(PrefersJson(context), action!, requestId, write).SendAsync(context, requestId).ConfigureAwait(false);
    }

    private Task RefuseAsync(HttpContext context, StsError error, string requestId)
    {
        Refused(_logger, error.Code, requestId);
        return Answer.Refusal(PrefersJson(context), error, requestId).SendAsync(context, requestId);
    }

    private async ValueTask<StsResult<Action<AnswerWriter>>> ExecuteAsync(
        HttpContext context, string? action, Parameters parameters, SignedRequest signed)
    {
        if (string.IsNullOrEmpty(action))
        {
            return StsError.MissingAction();
        }

        var version = parameters.Text("Version");
        if (version != ServiceModel.Version || !WireTable.Operations.TryGetValue(action, out var operation))
        {
            return StsError.InvalidAction(ServiceModel.Echo(action), string.IsNullOrEmpty(version) ? null : ServiceModel.Echo(version));
        }

        AuthenticatedRequest? authenticated = null;
        if (!operation.IsUnsigned || RequestReader.IsSigned(context))
        {
            var authentication = await _authenticate(context, signed, _rules, context.RequestAborted).ConfigureAwait(false);
            if (!authentication.TryGetValue(out authenticated, out var refused))
            {
                return refused;
            }
        }

        if (authenticated is { Caller: { } caller } && _throttle.CheckPrincipal(caller.Account.Id, caller.PrincipalId) is { } throttled)
        {
            return throttled;
        }

        var call = new WireCall(authenticated?.Caller, parameters, RequestReader.ToEnvironment(context, authenticated?.Region));
        var issuer = context.RequestServices.GetRequiredService<ITokenIssuer>();
        return await operation.ExecuteAsync(issuer, call, context.RequestAborted).ConfigureAwait(false);
    }

    private static bool IsForm(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals(Form, StringComparison.OrdinalIgnoreCase);

    private bool PrefersJson(HttpContext context) => _answerJson && Answer.PrefersJson(context.Request);

    [LoggerMessage(EventId = 1, Level = LogLevel.Debug, Message = "{Operation} granted, request {RequestId}")]
    private static partial void Granted(ILogger logger, string operation, string requestId);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "Refused with {Code}, request {RequestId}")]
    private static partial void Refused(ILogger logger, string code, string requestId);

    [LoggerMessage(EventId = 3, Level = LogLevel.Error, Message = "Answered InternalFailure, request {RequestId}")]
    private static partial void Broke(ILogger logger, Exception exception, string requestId);

    [LoggerMessage(EventId = 4, Level = LogLevel.Debug, Message = "The client left, request {RequestId}")]
    private static partial void Gone(ILogger logger, Exception exception, string requestId);
}
