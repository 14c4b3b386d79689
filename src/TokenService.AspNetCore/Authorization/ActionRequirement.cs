using System.Collections.Immutable;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace TokenService.AspNetCore;

/// <summary>That the caller may do what the request asks for: every action of it has to be allowed.</summary>
/// <remarks>For policies of the host's own; <c>RequireAction</c> makes it for an endpoint. Met by a caller whom a signature proved, and by nobody
/// else.</remarks>
public sealed class ActionRequirement : IAuthorizationRequirement
{
    /// <param name="find">Tells what the request asks for, by its route, query and headers; the body is not yet read. A request that asks for
    /// nothing is refused.</param>
    public ActionRequirement(Func<HttpContext, ValueTask<ImmutableArray<RequestedAction>>> find)
    {
        ArgumentNullException.ThrowIfNull(find);
        Find = find;
    }

    internal Func<HttpContext, ValueTask<ImmutableArray<RequestedAction>>> Find { get; }

    /// <summary>What is required.</summary>
    /// <returns>A text for logs.</returns>
    public override string ToString() => "The caller's policies allow what the request asks for.";
}
