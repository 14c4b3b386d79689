using System.Collections.Immutable;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace TokenService.AspNetCore;

/// <summary>Lets only those callers to an endpoint, or to a group of them, whose policies allow what their request asks for.</summary>
/// <remarks>A request that nobody signed is challenged, one that is not allowed answered <c>AccessDenied</c>, both as AWS does. Needs
/// <c>AddSigV4</c> and <c>AddAuthorization</c>, and is one more requirement beside those that the endpoint has already.</remarks>
public static class RequireActionExtensions
{
    /// <summary>Requires one action on a resource that the route names.</summary>
    /// <typeparam name="TBuilder">The endpoint or group.</typeparam>
    /// <param name="builder">The endpoint or group.</param>
    /// <param name="action">The action, <c>service:Name</c>, such as <c>s3:GetObject</c>.</param>
    /// <param name="resource">The ARN, with route values in braces: <c>arn:aws:s3:::{bucket}/{key}</c>; or <c>*</c>. A route value is what the
    /// endpoint gets too; routing leaves an encoded slash in it as it is.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">The action or the resource has not that form.</exception>
    /// <exception cref="InvalidOperationException">A route has no such value; thrown when endpoints are built.</exception>
    public static TBuilder RequireAction<TBuilder>(this TBuilder builder, string action, string resource)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentException.ThrowIfNullOrEmpty(action);
        var template = ResourceTemplate.Parse(resource);
        builder.RequireAction(context => ValueTask.FromResult<ImmutableArray<RequestedAction>>(
            [new RequestedAction { Action = action, Resource = template.Fill(context) }]));
        builder.Finally(endpoint =>
        {
            if (endpoint is RouteEndpointBuilder route)
            {
                template.Check(route.RoutePattern);
            }
        });
        return builder;
    }

    /// <summary>Requires what a map of routes to actions tells of each request: for gateways, whose actions are known by more than the route.</summary>
    /// <typeparam name="TBuilder">The endpoint or group.</typeparam>
    /// <param name="builder">The endpoint or group.</param>
    /// <param name="find">Tells the actions, all of which have to be allowed, with what is known of their resources. Where there are none, the
    /// request is refused.</param>
    /// <returns>The same builder.</returns>
    public static TBuilder RequireAction<TBuilder>(this TBuilder builder, Func<HttpContext, ValueTask<ImmutableArray<RequestedAction>>> find)
        where TBuilder : IEndpointConventionBuilder =>
        builder.RequireAuthorization(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().AddRequirements(new ActionRequirement(find)).Build());
}
