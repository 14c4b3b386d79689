namespace TokenService.AspNetCore;

/// <summary>What the scheme is called where nothing else is said.</summary>
public static class SigV4Defaults
{
    /// <summary>The name of the authentication scheme.</summary>
    public const string AuthenticationScheme = "SigV4";
}
