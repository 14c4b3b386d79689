using System.Collections.Immutable;
using System.Globalization;

namespace TokenService;

/// <summary>Reads the session policies that a request passes.</summary>
/// <remarks>Source: IAM User Guide, "Session policies" and "IAM and STS quotas"; reference 6.5.</remarks>
internal sealed class SessionPolicies(SessionPolicyCache cache, IManagedPolicyStore managedPolicies)
{
    /// <param name="policy">The inline policy.</param>
    /// <param name="arns">The managed policies.</param>
    /// <param name="owner">A name in the account, and partition, whose managed policies may be passed.</param>
    /// <param name="cancellationToken">Ends the look-ups early.</param>
    /// <returns>The policies, or <c>ValidationError</c> or <c>MalformedPolicyDocument</c>.</returns>
    internal async ValueTask<StsResult<PassedPolicies>> ReadAsync(
        string? policy, ImmutableArray<string> arns, Arn owner, CancellationToken cancellationToken)
    {
        if (policy is null && arns.IsEmpty)
        {
            return PassedPolicies.None;
        }

        if (CheckAmount(policy, arns) is { } tooMuch)
        {
            return tooMuch;
        }

        SessionPolicy? inline = null;
        if (policy is not null && !cache.Read(policy).TryGetValue(out inline, out var malformed))
        {
            return malformed;
        }

        if (arns.IsEmpty)
        {
            return inline!.PassedAlone;
        }

        var managed = ImmutableArray.CreateBuilder<Arn>(arns.Length);
        foreach (var text in arns)
        {
            if (!Arn.TryParse(text, out var arn) || !MayPass(arn, owner)
                || await managedPolicies.FindPolicyAsync(arn, cancellationToken).ConfigureAwait(false) is null)
            {
                return StsError.ValidationError($"The managed policy {text} does not exist, or is one of another account.");
            }

            managed.Add(arn);
        }

        return new PassedPolicies(inline, managed.MoveToImmutable());
    }

    private static StsError? CheckAmount(string? policy, ImmutableArray<string> arns)
    {
        if (arns.Length > Limits.MaxManagedSessionPolicies)
        {
            return StsError.ValidationError(
                $"1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to {Limits.MaxManagedSessionPolicies}");
        }

        var characters = policy?.Length ?? 0;
        foreach (var arn in arns)
        {
            characters += arn.Length;
        }

        return characters <= Limits.MaxSessionPolicyCharacters ? null : StsError.ValidationError(string.Create(
            CultureInfo.InvariantCulture,
            $"The session policies have {characters} characters, the inline policy and all policy ARNs together; they must have {Limits.MaxSessionPolicyCharacters} at most."));
    }

    private static bool MayPass(Arn policy, Arn owner) =>
        policy.Service == "iam" && policy.Partition == owner.Partition && policy.Region.Length == 0
        && policy.Resource.StartsWith("policy/", StringComparison.Ordinal) && (policy.Account == owner.Account || policy.Account == "aws");
}
