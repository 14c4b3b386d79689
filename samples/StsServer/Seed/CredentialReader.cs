using TokenService;

namespace StsServer.Seed;

/// <summary>Reads access keys and multi-factor devices; what they hold in secret is never repeated in a fault.</summary>
internal sealed class CredentialReader(Account account, MfaSecretSealer mfaSecrets)
{
    internal static readonly string[] AccessKeyMembers = ["UserName", "AccessKeyId", "SecretAccessKey", "Status", "CreateDate"];
    internal static readonly string[] MfaDeviceMembers = ["UserName", "SerialNumber", "Base32StringSeed", "EnableDate"];

    private const int MinSecretLength = 16;
    private const int MaxSecretLength = 128;

    internal SeedAccessKey? ReadAccessKey(SeedObject json)
    {
        var user = json.Required("UserName");
        var id = json.Required("AccessKeyId");
        var secret = json.Required("SecretAccessKey");
        var status = json.Text("Status") ?? "Active";
        if (status is not ("Active" or "Inactive"))
        {
            json.Fault("Status", "Active or Inactive is expected");
        }

        if (secret is not null && !IsSecret(secret))
        {
            json.Fault("SecretAccessKey", $"a secret has {MinSecretLength} to {MaxSecretLength} visible ASCII characters");
            secret = null;
        }

        if (id is not null && Reproach(id) is { } reason)
        {
            json.Fault("AccessKeyId", reason);
            return null;
        }

        // No fault: any letters can be read so, and ids that somebody made up are as good as others.
        if (AccessKeyId.TryGetAccount(id, out var encoded) && encoded != account.Id)
        {
            json.Report.Note(json.PlaceOf("AccessKeyId"), $"tools that read an account from the id will read {encoded}, not {account.Id}");
        }

        return user is null || id is null
            ? null
            : new SeedAccessKey(
                json.Place, user, id, secret is null ? null : new AccessKey(id, new Secret(secret)) { IsActive = status == "Active" });
    }

    internal SeedMfaDevice? ReadMfaDevice(SeedObject json)
    {
        var user = json.Required("UserName");
        var serial = json.Required("SerialNumber");
        var seed = json.Required("Base32StringSeed");
        if (serial is not null && !IsSerialNumber(serial))
        {
            json.Fault("SerialNumber", "a serial number has 9 to 256 characters of A-Z a-z 0-9 _ + = / : , . @ -");
            serial = null;
        }

        if (serial is not null && Arn.TryParse(serial, out var arn) && arn.Account != account.Id)
        {
            json.Fault("SerialNumber", $"the device is not one of account {account.Id}");
            serial = null;
        }

        // Also where the serial number is at fault, so that all that is wrong is told at once.
        var device = seed is null ? null : Seal(json, serial ?? "without-serial-number", new Secret(seed));
        return user is null || serial is null || device is null ? null : new SeedMfaDevice(json.Place, user, device);
    }

    private MfaDevice? Seal(SeedObject json, string serial, Secret seed)
    {
        try
        {
            return mfaSecrets.Seal(serial, seed);
        }
        catch (FormatException)
        {
            json.Fault("Base32StringSeed", "a seed is base32 (RFC 4648) of 16 to 128 bytes");
            return null;
        }
    }

    private static string? Reproach(string id)
    {
        if (!AccessKeyId.IsValid(id))
        {
            return "an access key id has 16 to 128 letters, digits or underscores";
        }

        return AccessKeyId.IsTemporary(id) ? "the id is that of temporary credentials" : null;
    }

    private static bool IsSecret(string text) =>
        text.Length is >= MinSecretLength and <= MaxSecretLength && text.All(character => character is > ' ' and <= '~');

    private static bool IsSerialNumber(string text) =>
        text.Length is >= 9 and <= 256
        && text.All(character => char.IsAsciiLetterOrDigit(character) || "_+=/:,.@-".Contains(character, StringComparison.Ordinal));
}
