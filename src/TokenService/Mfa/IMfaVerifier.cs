namespace TokenService;

/// <summary>Checks a code that a user's multi-factor device shows.</summary>
/// <remarks>Where the host registers none, it is the <see cref="TotpMfaVerifier"/>. An implementation accepts a code once, gives up after repeated
/// wrong ones, and neither says nor shows by its time whether a device is unknown or somebody else's.</remarks>
public interface IMfaVerifier
{
    /// <summary>Checks a code against a device of the user.</summary>
    /// <param name="user">The user who makes the request, or on whose session it is made.</param>
    /// <param name="serialNumber">The device, 9 to 256 characters.</param>
    /// <param name="tokenCode">The code, six digits.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns><see langword="null"/> where the code is right, and is used up by that; otherwise the refusal.</returns>
    ValueTask<StsError?> VerifyAsync(User user, string serialNumber, string tokenCode, CancellationToken cancellationToken);
}
