using System.Xml;

namespace TokenService.Testing;

/// <summary>What somebody makes of a response without the provider's key.</summary>
internal static class ForgedResponse
{
    private const string Assertions = "urn:oasis:names:tc:SAML:2.0:assertion";
    private const string Signatures = "http://www.w3.org/2000/09/xmldsig#";
    private const string ForgedId = "_forged";
    private const string ForgedSubject = "somebody-else";

    internal static XmlDocument Load(string xml)
    {
        var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        document.LoadXml(xml);
        return document;
    }

    /// <summary>Changes text of a signed response.</summary>
    internal static string Change(string xml, string from, string to)
    {
        var changed = xml.Replace(from, to, StringComparison.Ordinal);
        return changed == xml ? throw new InvalidOperationException("The response has nothing of what was to be changed.") : FakeSamlProvider.Encode(changed);
    }

    /// <summary>Puts the signature of another response's assertion into one that nobody signed, and has it refer to that.</summary>
    internal static string WithSignatureOf(string xml, string signed)
    {
        var document = Load(xml);
        var assertion = Find(document, "Assertion", Assertions);
        var signature = (XmlElement)document.ImportNode(Find(Load(signed), "Signature", Signatures), deep: true);
        ((XmlElement)signature.GetElementsByTagName("Reference", Signatures)[0]!).SetAttribute("URI", $"#{assertion.GetAttribute("ID")}");
        assertion.InsertAfter(signature, assertion["Issuer", Assertions]);
        return FakeSamlProvider.Encode(document.OuterXml);
    }

    /// <summary>Leaves what was signed in the document, where its signature still verifies, and puts something forged where a careless reader looks.</summary>
    internal static string Wrap(BadSamlResponse way, string signed)
    {
        var document = Load(signed);
        var response = document.DocumentElement!;
        var signature = Find(document, "Signature", Signatures);
        var genuine = way is BadSamlResponse.Wrapping1 or BadSamlResponse.Wrapping2 ? response : Find(document, "Assertion", Assertions);
        var copy = (XmlElement)genuine.CloneNode(deep: true);
        copy.RemoveChild(copy["Signature", Signatures]!);
        switch (way)
        {
            case BadSamlResponse.Wrapping1:
                signature.AppendChild(copy);
                Forge(response);
                break;
            case BadSamlResponse.Wrapping2:
                response.InsertBefore(copy, signature);
                Forge(response);
                break;
            case BadSamlResponse.Wrapping3:
                response.InsertBefore(copy, genuine);
                Forge(copy);
                break;
            case BadSamlResponse.Wrapping4:
                response.ReplaceChild(copy, genuine);
                Forge(copy);
                copy.AppendChild(genuine);
                break;
            case BadSamlResponse.Wrapping5:
                response.AppendChild(copy);
                Forge(genuine);
                break;
            case BadSamlResponse.Wrapping6:
                signature.AppendChild(copy);
                Forge(genuine);
                break;
            case BadSamlResponse.Wrapping7:
                var extensions = document.CreateElement("samlp", "Extensions", response.NamespaceURI);
                response.InsertAfter(extensions, response["Issuer", Assertions]);
                extensions.AppendChild(copy);
                Rename(copy);
                break;
            default:
                var holder = document.CreateElement("Object", Signatures);
                holder.AppendChild(copy);
                signature.AppendChild(holder);
                Forge(genuine);
                break;
        }

        return FakeSamlProvider.Encode(document.OuterXml);
    }

    /// <summary>Gives an element another identifier, and its own assertion another subject.</summary>
    private static void Forge(XmlElement element)
    {
        element.SetAttribute("ID", ForgedId);
        Rename(element);
    }

    private static void Rename(XmlElement element)
    {
        var assertion = element.LocalName == "Assertion" ? element : element["Assertion", Assertions]!;
        assertion["Subject", Assertions]!["NameID", Assertions]!.InnerText = ForgedSubject;
    }

    private static XmlElement Find(XmlDocument document, string name, string @namespace) => (XmlElement)document.GetElementsByTagName(name, @namespace)[0]!;
}
