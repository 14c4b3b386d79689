using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace TokenService;

/// <summary>Refuses options that cannot be, all faults at once.</summary>
internal sealed class TemporaryCredentialsOptionsValidator : IValidateOptions<TemporaryCredentialsOptions>
{
    public ValidateOptionsResult Validate(string? name, TemporaryCredentialsOptions options)
    {
        var faults = new List<string>();
        if (options.KeyRotation < TimeSpan.FromHours(1) || options.KeyRotation > TimeSpan.FromDays(3650))
        {
            faults.Add($"{nameof(options.KeyRotation)} is {options.KeyRotation}; it is one hour to 3,650 days.");
        }

        if (options.PackedPolicyBudget is < 256 or > 8192)
        {
            faults.Add($"{nameof(options.PackedPolicyBudget)} is {options.PackedPolicyBudget}; it is 256 to 8,192 bytes.");
        }

        if (options.AuthorizationMessageLifetime < TimeSpan.FromMinutes(1) || options.AuthorizationMessageLifetime > SessionLifetime.Longest.ToTimeSpan())
        {
            faults.Add($"{nameof(options.AuthorizationMessageLifetime)} is {options.AuthorizationMessageLifetime}; it is one minute to 36 hours.");
        }

        if (options.KeyRingFile is not null && options.Keys.Count > 0)
        {
            faults.Add($"{nameof(options.KeyRingFile)} and {nameof(options.Keys)} are both set; one of them is the key ring.");
        }

        for (var index = 0; index < options.Keys.Count; index++)
        {
            if (!TryDecode(options.Keys[index].Material, out _))
            {
                faults.Add($"{nameof(options.Keys)}[{index}].{nameof(RootKeyOptions.Material)} is not {RootKey.Size} bytes in base64.");
            }
        }

        if (options.Keys.DistinctBy(key => key.Id).Count() != options.Keys.Count)
        {
            faults.Add($"Two of {nameof(options.Keys)} have the same {nameof(RootKeyOptions.Id)}.");
        }

        if (options.PublicAddress is { } address && !TryReadAddress(address, out _))
        {
            faults.Add($"{nameof(options.PublicAddress)} is '{address}'; it is an https address without query, or an http one of this machine alone.");
        }

        CheckWebIdentityKeys(options, faults);

        faults.AddRange(options.Oidc.Faults().Select(fault => $"{nameof(options.Oidc)}.{fault}"));
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    /// <summary>Reads a public address; the issuer is made of what comes out.</summary>
    /// <remarks>OpenID Connect Discovery 1.0, 3: an issuer is an https address without query or fragment.</remarks>
    internal static bool TryReadAddress(string text, [NotNullWhen(true)] out string? address)
    {
        var isAddress = Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
            && uri.UserInfo.Length == 0 && !text.AsSpan().ContainsAny('?', '#');
        address = isAddress ? uri!.GetLeftPart(UriPartial.Path).TrimEnd('/') : null;
        return isAddress;
    }

    private static void CheckWebIdentityKeys(TemporaryCredentialsOptions options, List<string> faults)
    {
        var keys = new List<WebIdentityKey>();
        for (var index = 0; index < options.WebIdentityKeys.Count; index++)
        {
            try
            {
                keys.Add(WebIdentityKey.FromPem(options.WebIdentityKeys[index]));
            }
            catch (ArgumentException unfit)
            {
                faults.Add($"{nameof(options.WebIdentityKeys)}[{index}]: {unfit.Message}");
            }
        }

        if (keys.DistinctBy(key => key.Id, StringComparer.Ordinal).Count() != keys.Count)
        {
            faults.Add($"{nameof(options.WebIdentityKeys)} has a key twice.");
        }

        if (options.WebIdentityKeys.Count > 0 && options.Keys.Count == 0)
        {
            faults.Add($"{nameof(options.WebIdentityKeys)} go with {nameof(options.Keys)}; a key ring in a file makes its own.");
        }

        if (options is { PublicAddress: not null, Keys.Count: > 0 } && keys.DistinctBy(key => key.Algorithm).Count() < Enum.GetValues<WebIdentityAlgorithm>().Length)
        {
            faults.Add($"{nameof(options.PublicAddress)} with {nameof(options.Keys)} takes {nameof(options.WebIdentityKeys)}, an RSA key and one of P-384.");
        }
    }

    internal static bool TryDecode(string? material, out byte[] bytes)
    {
        bytes = new byte[RootKey.Size];
        return material is not null && Convert.TryFromBase64String(material, bytes, out var written) && written == RootKey.Size;
    }
}
