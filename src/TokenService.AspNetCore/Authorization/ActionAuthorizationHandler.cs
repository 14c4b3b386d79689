using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace TokenService.AspNetCore;

/// <summary>Meets an <see cref="ActionRequirement"/> where the policies of a caller whom a signature proved allow all that its request asks for.
/// </summary>
internal sealed class ActionAuthorizationHandler : AuthorizationHandler<ActionRequirement>
{
    /// <inheritdoc/>
    protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, ActionRequirement requirement)
    {
        // Another scheme's principal may stand beside the caller's; the one that is authorized here is the one that the endpoint will see.
        if (context.Resource is not HttpContext http || context.User.GetCaller() is not { } caller || !ReferenceEquals(http.GetCaller(), caller))
        {
            return;
        }

        var actions = await requirement.Find(http).ConfigureAwait(false);
        foreach (var action in actions)
        {
            if (!(await http.AuthorizeActionAsync(action).ConfigureAwait(false)).IsAllowed)
            {
                return;
            }
        }

        if (!actions.IsDefaultOrEmpty)
        {
            context.Succeed(requirement);
        }
    }
}
