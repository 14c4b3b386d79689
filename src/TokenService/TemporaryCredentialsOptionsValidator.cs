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

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    internal static bool TryDecode(string? material, out byte[] bytes)
    {
        bytes = new byte[RootKey.Size];
        return material is not null && Convert.TryFromBase64String(material, bytes, out var written) && written == RootKey.Size;
    }
}
