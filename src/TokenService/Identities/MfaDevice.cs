using NodaTime;

namespace TokenService;

/// <summary>The hash that a device makes its codes with.</summary>
/// <remarks>Source: RFC 6238, 1.2.</remarks>
public enum TotpAlgorithm
{
    /// <summary>HMAC-SHA-1, which AWS's devices and most apps have.</summary>
    Sha1,

    /// <summary>HMAC-SHA-256.</summary>
    Sha256,

    /// <summary>HMAC-SHA-512.</summary>
    Sha512,
}

/// <summary>A user's multi-factor device that shows codes which change with the time.</summary>
/// <remarks>Source: IAM API Reference, <c>MFADevice</c>; RFC 6238. Its secret is sealed (by <c>MfaSecretSealer</c>, or on
/// enrolment) and bound to the serial number: a dump of the store reveals none, and copied to another device it is worth nothing.</remarks>
public sealed record MfaDevice
{
    private const int MinSerialNumberLength = 9;
    private const int MaxSerialNumberLength = 256;
    private const int MinDigits = 6;
    private const int MaxDigits = 8;

    private static readonly Duration MinStep = Duration.FromSeconds(10);
    private static readonly Duration MaxStep = Duration.FromSeconds(300);

    /// <summary>Describes a device, as a store has it.</summary>
    /// <param name="serialNumber">What names the device: for a virtual one <c>arn:P:iam::ACCOUNT:mfa/NAME</c>.</param>
    /// <param name="sealedSecret">Its sealed secret.</param>
    /// <exception cref="ArgumentException">The serial number has not 9 to 256 characters of <c>A-Z a-z 0-9 _ + = / : , . @ -</c>, or the sealed
    /// secret is empty.</exception>
    public MfaDevice(string serialNumber, string sealedSecret)
    {
        ArgumentNullException.ThrowIfNull(serialNumber);
        ArgumentException.ThrowIfNullOrEmpty(sealedSecret);
        if (!IsSerialNumber(serialNumber))
        {
            throw new ArgumentException(
                $"A serial number has {MinSerialNumberLength} to {MaxSerialNumberLength} characters of A-Z a-z 0-9 _ + = / : , . @ -.", nameof(serialNumber));
        }

        SerialNumber = serialNumber;
        SealedSecret = sealedSecret;
    }

    /// <summary>What names the device; unique in its account, compared ordinally.</summary>
    public string SerialNumber { get; }

    /// <summary>The sealed secret, as text that a store keeps as it is.</summary>
    public string SealedSecret { get; }

    /// <summary>How many digits a code has.</summary>
    /// <value>6 where nothing else is said; 6 to 8. The operations take codes of six digits alone, as AWS's do.</value>
    /// <exception cref="ArgumentOutOfRangeException">The number is outside that range.</exception>
    public int Digits
    {
        get;
        init => field = value is < MinDigits or > MaxDigits
            ? throw new ArgumentOutOfRangeException(nameof(value), value, $"A code has {MinDigits} to {MaxDigits} digits.")
            : value;
    } = MinDigits;

    /// <summary>How long a code is shown.</summary>
    /// <value>30 seconds where nothing else is said; whole seconds, 10 to 300.</value>
    /// <exception cref="ArgumentOutOfRangeException">The duration is outside that range, or has a fraction of a second.</exception>
    public Duration Step
    {
        get;
        init => field = value < MinStep || value > MaxStep || value.SubsecondNanoseconds != 0
            ? throw new ArgumentOutOfRangeException(nameof(value), value, $"A code is shown for 10 to 300 whole seconds.")
            : value;
    } = Duration.FromSeconds(30);

    /// <summary>The hash that codes are made with.</summary>
    /// <value><see cref="TotpAlgorithm.Sha1"/> where nothing else is said.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is none of the enumeration's.</exception>
    public TotpAlgorithm Algorithm
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "There is no such algorithm.");
    }

    /// <summary>The serial number alone.</summary>
    /// <returns>A text for logs.</returns>
    public override string ToString() => SerialNumber;

    internal static bool IsSerialNumber(string text) =>
        text.Length is >= MinSerialNumberLength and <= MaxSerialNumberLength
        && text.All(character => char.IsAsciiLetterOrDigit(character) || "_+=/:,.@-".Contains(character, StringComparison.Ordinal));
}
