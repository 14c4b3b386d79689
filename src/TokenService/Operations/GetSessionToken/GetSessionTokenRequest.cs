namespace TokenService;

/// <summary>Asks for temporary credentials of the caller's own, with a second factor or without.</summary>
/// <remarks>Source: AWS STS API Reference (2011-06-15), <c>GetSessionToken</c>. Limits are checked when the request is executed, so a client's
/// mistake is an <see cref="StsError"/> and never an exception.</remarks>
public sealed record GetSessionTokenRequest
{
    /// <summary>How long the credentials live, in seconds.</summary>
    /// <value>900 to 129,600; otherwise <c>ValidationError</c>. Twelve hours where it is absent. A root gets one hour at most, and no error
    /// where it asks for more.</value>
    public int? DurationSeconds { get; init; }

    /// <summary>The multi-factor device of the calling user; it needs <see cref="TokenCode"/>.</summary>
    /// <value>9 to 256 characters of <c>A-Z a-z 0-9 _ + = / : , . @ -</c>; otherwise <c>ValidationError</c>.</value>
    public string? SerialNumber { get; init; }

    /// <summary>The code that the device shows now; it needs <see cref="SerialNumber"/>.</summary>
    /// <value>Six digits; otherwise <c>ValidationError</c>, which does not repeat it.</value>
    public string? TokenCode { get; init; }

    /// <summary>The operation, never a code.</summary>
    /// <returns>A line for logs.</returns>
    public override string ToString() => nameof(GetSessionToken);
}
