namespace TokenService.Testing;

/// <summary>What of a response a SAML provider signs.</summary>
[Flags]
public enum SamlSigning
{
    /// <summary>Nothing: such a response is refused.</summary>
    None = 0,

    /// <summary>The assertion.</summary>
    Assertion = 1,

    /// <summary>The response, and with it the assertion that it holds.</summary>
    Response = 2,

    /// <summary>The assertion, and then the response around it.</summary>
    Both = Assertion | Response,
}
