using Microsoft.Extensions.Logging;

namespace TokenService;

/// <summary>Says which account an access key id belongs to: what the user store knows, or else what the id itself carries.</summary>
/// <remarks>The store comes first, because an id that a host brought from elsewhere carries whatever account its letters spell.</remarks>
internal sealed class GetAccessKeyInfo(IUserStore users, OperationPermissions permissions, ILogger logger)
{
    private const string Action = "sts:GetAccessKeyInfo";

    internal async ValueTask<StsResult<GetAccessKeyInfoResponse>> ExecuteAsync(
        Caller caller, GetAccessKeyInfoRequest request, RequestEnvironment? environment, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(request);
        if (Limits.Check(request) is { } broken)
        {
            return Refuse(caller, request, broken, null);
        }

        var permission = await permissions.AskAsync(caller, Action, environment, cancellationToken).ConfigureAwait(false);
        if (permission.Refusal is { } refused)
        {
            return Refuse(caller, request, refused, permission.Reason);
        }

        var id = request.AccessKeyId!;
        var owner = AccessKeyId.IsTemporary(id) ? null : await users.FindAccessKeyAsync(id, cancellationToken).ConfigureAwait(false);
        if ((owner?.Account.Id ?? ReadAccount(id)) is not { } account)
        {
            return Refuse(caller, request, Unknown(id), null);
        }

        Grant.Tell(logger, Action, AccessKeyId.ForLog(id) ?? "*", caller, permission.Decision);
        return new GetAccessKeyInfoResponse { Account = account };
    }

    /// <summary>The account in an id of the new form; the unique id of a user or role, which has one too, is no access key id.</summary>
    private static string? ReadAccount(string id) =>
        id.Length == AccessKeyId.MintedLength
        && (AccessKeyId.IsTemporary(id) || id.StartsWith(AccessKeyId.LongTermPrefix, StringComparison.Ordinal))
        && AccessKeyId.TryGetAccount(id, out var account)
            ? account
            : null;

    private static StsError Unknown(string id) =>
        StsError.ValidationError($"Value '{id}' at 'accessKeyId' carries no account, and no key with this id is known.");

    private StsError Refuse(Caller caller, GetAccessKeyInfoRequest request, StsError refusal, string? reason) =>
        Refusal.Tell(logger, nameof(GetAccessKeyInfo), AccessKeyId.ForLog(request.AccessKeyId), caller, refusal, reason);
}
