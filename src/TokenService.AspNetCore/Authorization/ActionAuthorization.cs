using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace TokenService.AspNetCore;

/// <summary>Asks <see cref="IAuthorizer"/> about requests of ASP.NET Core.</summary>
public static class ActionAuthorization
{
    /// <summary>Decides about one action of a request: for what is known only once the body is read, such as the keys of a deletion of many.</summary>
    /// <remarks>The caller's own condition keys come from its session; address, scheme, user agent, referrer and region from the request, as
    /// the host's middleware left them: behind a proxy <c>UseForwardedHeaders</c>, with the proxies it knows, restores them.</remarks>
    /// <param name="context">The request; its caller was proved by a signature.</param>
    /// <param name="requested">What it wants to do.</param>
    /// <returns>The decision, with its reasons.</returns>
    /// <exception cref="InvalidOperationException">Nobody signed the request.</exception>
    /// <exception cref="ArgumentException">The owner of the resource is unknown.</exception>
    public static async ValueTask<Decision> AuthorizeActionAsync(this HttpContext context, RequestedAction requested)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(requested);
        var caller = context.GetCaller() ?? throw new InvalidOperationException("Only a caller whom a signature proved can be authorized.");
        var options = context.RequestServices.GetRequiredService<IOptions<ActionAuthorizationOptions>>().Value;
        var region = context.User.FindFirst(SigV4ClaimTypes.Region)?.Value;
        var keys = options.ConditionKeys?.Invoke(context) ?? ImmutableDictionary<string, ImmutableArray<string>>.Empty;
        var request = new AuthorizationRequest
        {
            Caller = caller,
            Action = requested.Action,
            Resource = requested.Resource,
            ResourceAccount = requested.ResourceAccount ?? Owner(requested.Resource, options),
            ResourcePolicy = requested.ResourcePolicy,
            ResourceTags = requested.ResourceTags,
            RequestTags = requested.RequestTags,
            Environment = RequestReader.ToEnvironment(context, region) with { Keys = Merge(keys, requested.ConditionKeys) },
        };
        var decision = await context.RequestServices.GetRequiredService<IAuthorizer>().AuthorizeAsync(request, context.RequestAborted).ConfigureAwait(false);

        // Where several actions are required, all are asked, and the one that was denied is what the caller is told of.
        if (Decided(context) is not { Decision.IsAllowed: false })
        {
            context.Items[typeof(DecidedAction)] = new DecidedAction(request, decision);
        }

        return decision;
    }

    /// <summary>The decision about a request, with its reasons, for the host's own log: the first that denied, or else the last.</summary>
    /// <param name="context">The request.</param>
    /// <returns>The decision, or <see langword="null"/> where none was asked for.</returns>
    public static Decision? GetDecision(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Decided(context)?.Decision;
    }

    internal static DecidedAction? Decided(HttpContext context) => context.Items[typeof(DecidedAction)] as DecidedAction;

    /// <summary>The account in an ARN, or else the one that the host says; nothing in particular is the caller's own.</summary>
    private static string? Owner(string resource, ActionAuthorizationOptions options) =>
        Arn.TryParse(resource, out var arn) && arn.Account.Length > 0 ? arn.Account : resource == "*" ? null : options.ResourceAccount;

    // Keys differ whatever the letter case, so the service's own replaces the host's of the same name.
    private static ImmutableDictionary<string, ImmutableArray<string>> Merge(
        ImmutableDictionary<string, ImmutableArray<string>> hosts, ImmutableDictionary<string, ImmutableArray<string>> services) =>
        services.IsEmpty ? hosts : hosts.WithComparers(StringComparer.OrdinalIgnoreCase).SetItems(services);
}

/// <summary>What was asked about a request, and what came of it.</summary>
internal sealed record DecidedAction(AuthorizationRequest Request, Decision Decision)
{
    /// <summary>The refusal that the caller gets.</summary>
    /// <remarks>Source: IAM User Guide, "Troubleshoot access denied error messages"; EC2 API Reference for the encoded message.</remarks>
    internal StsError ToRefusal(ActionAuthorizationOptions options, AuthorizationMessages messages)
    {
        var owner = Request.ResourceAccount ?? Request.Caller.Account.Id;
        var suffix = options.TellsReason && owner == Request.Caller.Account.Id ? Decision.MessageSuffix : "";
        var encoded = options.SendsEncodedMessage && messages.TryEncode(Decision, out var message) ? $". Encoded authorization failure message: {message}" : "";
        return StsError.AccessDenied($"User: {Request.Caller.Arn} is not authorized to perform: {Request.Action} on resource: {Request.Resource}{suffix}{encoded}");
    }
}
