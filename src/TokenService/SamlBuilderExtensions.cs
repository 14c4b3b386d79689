using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using NodaTime;

namespace TokenService;

/// <summary>Registers sign-in with SAML 2.0.</summary>
public static class SamlBuilderExtensions
{
    /// <summary>Offers <c>AssumeRoleWithSAML</c>, with a validator of responses where the host registered none. With neither, the operation is
    /// <c>InvalidAction</c>, and nothing of XML signatures is reached.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets what this service is called in SAML; AWS's own names where nothing is set.</param>
    /// <returns>The builder.</returns>
    public static TemporaryCredentialsBuilder AddSaml(this TemporaryCredentialsBuilder builder, Action<SamlOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOptions<SamlOptions>().Configure(options => configure?.Invoke(options)).ValidateOnStart();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SamlOptions>, SamlOptionsValidator>());
        builder.Services.TryAddSingleton<ISamlValidator>(provider => new SamlValidator(
            provider.GetRequiredService<IOptions<SamlOptions>>().Value,
            provider.GetRequiredService<IReplayGuard>(),
            provider.GetRequiredService<IClock>(),
            TemporaryCredentialsServiceCollectionExtensions.Logger(provider)));
        return builder;
    }

    /// <summary>Refuses options that cannot be, when the host starts.</summary>
    private sealed class SamlOptionsValidator : IValidateOptions<SamlOptions>
    {
        public ValidateOptionsResult Validate(string? name, SamlOptions options)
        {
            ArgumentNullException.ThrowIfNull(options);
            var faults = options.Faults().ToList();
            return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }
    }
}
