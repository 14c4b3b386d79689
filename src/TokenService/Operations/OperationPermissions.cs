namespace TokenService;

/// <summary>Whether a caller may ask for an operation that acts on nothing in particular: by its kind, and by the policies that have a say.</summary>
/// <remarks>Reference 3.1 and 10.4. Like the live service, the refusal names no resource; its reason is for the log.</remarks>
internal sealed class OperationPermissions(IAuthorizer authorizer)
{
    internal async ValueTask<OperationPermission> AskAsync(
        Caller caller, string action, RequestEnvironment? environment, CancellationToken cancellationToken)
    {
        if (caller.Kind is not (CallerKind.User or CallerKind.Root or CallerKind.RoleSession))
        {
            return NotAuthorized(caller, action, "this kind of caller may not ask");
        }

        var decision = await authorizer.AuthorizeAsync(
            new AuthorizationRequest { Caller = caller, Action = action, Resource = "*", Environment = environment }, cancellationToken).ConfigureAwait(false);
        return decision.IsAllowed ? new OperationPermission(null, null, decision) : NotAuthorized(caller, action, decision.ToString());
    }

    private static OperationPermission NotAuthorized(Caller caller, string action, string reason) =>
        new(StsError.AccessDenied($"User: {caller.Arn} is not authorized to perform: {action}"), reason, null);
}

/// <summary>What came of asking.</summary>
/// <param name="Refusal">The refusal, or <see langword="null"/> where the caller may.</param>
/// <param name="Reason">Why, for the operator alone.</param>
/// <param name="Decision">What allowed it, where the caller may.</param>
internal readonly record struct OperationPermission(StsError? Refusal, string? Reason, Decision? Decision);
