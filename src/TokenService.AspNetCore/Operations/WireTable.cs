using System.Collections.Frozen;

namespace TokenService.AspNetCore;

/// <summary>The operations that are offered on the wire: one line each. A test walks this table and <see cref="ITokenIssuer"/>.</summary>
internal static class WireTable
{
    internal static readonly FrozenDictionary<string, WireOperation> Operations = new WireOperation[]
    {
        AssumeRoleBinding.Operation,
        AssumeRoleWithSamlBinding.Operation,
        AssumeRoleWithWebIdentityBinding.Operation,
        AssumeRootBinding.Operation,
        DecodeAuthorizationMessageBinding.Operation,
        GetAccessKeyInfoBinding.Operation,
        GetCallerIdentityBinding.Operation,
        GetDelegatedAccessTokenBinding.Operation,
        GetFederationTokenBinding.Operation,
        GetSessionTokenBinding.Operation,
        GetWebIdentityTokenBinding.Operation,
    }.ToFrozenDictionary(operation => operation.Name, StringComparer.Ordinal);
}
