using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace TokenService.AspNetCore;

/// <summary>Adds authentication by Signature Version 4 to a host.</summary>
public static class SigV4AuthenticationBuilderExtensions
{
    /// <summary>Authenticates requests by their signature, under <see cref="SigV4Defaults.AuthenticationScheme"/>.</summary>
    /// <param name="builder">The host's authentication.</param>
    /// <param name="configure">Sets the options; <see cref="SigV4Options.Rules"/> must be set.</param>
    /// <returns>The same builder.</returns>
    public static AuthenticationBuilder AddSigV4(this AuthenticationBuilder builder, Action<SigV4Options> configure) =>
        builder.AddSigV4(SigV4Defaults.AuthenticationScheme, configure);

    /// <summary>Authenticates requests by their signature, under a name of the host's choice, for hosts of several services.</summary>
    /// <remarks>A request that is not signed is left to other schemes. A challenge is answered as AWS answers: with the code, status and
    /// message of the check that failed, in AWS's XML.</remarks>
    /// <param name="builder">The host's authentication.</param>
    /// <param name="authenticationScheme">The scheme's name.</param>
    /// <param name="configure">Sets the options; <see cref="SigV4Options.Rules"/> must be set.</param>
    /// <returns>The same builder.</returns>
    public static AuthenticationBuilder AddSigV4(
        this AuthenticationBuilder builder, string authenticationScheme, Action<SigV4Options> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(authenticationScheme);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IAuthorizationHandler, ActionAuthorizationHandler>());
        return builder.AddScheme<SigV4Options, SigV4AuthenticationHandler>(authenticationScheme, configure);
    }
}
