namespace TokenService;

/// <summary>The namespaces and identifiers of SAML, XML Signature and XML Encryption.</summary>
internal static class SamlNames
{
    internal const string Assertion = "urn:oasis:names:tc:SAML:2.0:assertion";
    internal const string Protocol = "urn:oasis:names:tc:SAML:2.0:protocol";
    internal const string Signature = "http://www.w3.org/2000/09/xmldsig#";
    internal const string Encryption = "http://www.w3.org/2001/04/xmlenc#";
    internal const string Encryption11 = "http://www.w3.org/2009/xmlenc11#";
    internal const string SchemaInstance = "http://www.w3.org/2001/XMLSchema-instance";
    internal const string Xml = "http://www.w3.org/XML/1998/namespace";
    internal const string Declaration = "http://www.w3.org/2000/xmlns/";

    /// <summary>Exclusive canonicalization without comments, and the namespace of its parameter.</summary>
    internal const string ExclusiveCanonicalization = "http://www.w3.org/2001/10/xml-exc-c14n#";

    internal const string EnvelopedSignature = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

    internal const string Success = "urn:oasis:names:tc:SAML:2.0:status:Success";
    internal const string Bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
    internal const string NameFormat20 = "urn:oasis:names:tc:SAML:2.0:nameid-format:";
    internal const string EntityFormat = NameFormat20 + "entity";
    internal const string UnspecifiedFormat = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
}
