using System.Text;
using System.Xml;

namespace TokenService.Tests.Federation.Saml;

/// <summary>Changes responses as an attacker would: by what they are made of, and not byte by byte.</summary>
internal sealed class Mutator(Random random)
{
    private const string Ds = "http://www.w3.org/2000/09/xmldsig#";

    private static readonly string[] Names =
        ["Assertion", "EncryptedAssertion", "Response", "Signature", "SignedInfo", "Object", "Issuer", "Subject", "NameID", "Conditions", "Attribute", "AttributeValue", "Advice", "Extensions", "Status"];

    private static readonly string[] Namespaces =
    [
        "urn:oasis:names:tc:SAML:2.0:assertion", "urn:oasis:names:tc:SAML:2.0:protocol", Ds, "urn:oasis:names:tc:SAML:1.0:assertion", "urn:x", "http://www.w3.org/2000/09/xmldsig", "x",
    ];

    private static readonly string[] Values =
    [
        "root@open.example", "2099-01-01T00:00:00Z", "arn:aws:iam::111122223333:role/Administrator,arn:aws:iam::111122223333:saml-provider/OpenIdP", "", "43200", "urn:amazon:webservices",
        "https://signin.aws.amazon.com/saml", "http://www.w3.org/2000/09/xmldsig#hmac-sha1", "http://www.w3.org/2001/10/xml-exc-c14n#WithComments", "#", "2.0",
    ];

    private static readonly string[] Tokens =
    [
        "saml saml", " ", "\u00A0", "\0", "&#x0;", "&#xD;", "&#x9;", "&#10;", "&amp;", "&e;", "\uFFFE", "\uD83D\uDE00", "\u202E", "<", ">", "\"", "/>", "=", "==", "#", ":",
        "<!--", "-->", "<![CDATA[", "]]>", "<?x?>", "xmlns=\"\"", " xmlns:saml=\"urn:x\"", " xml:id=\"_x\"", " xml:space=\"preserve\"", " xml:base=\"http://x\"", "-1", "24:00",
        "9999-12-31T23:59:59.9999999999Z", "0000-01-01T00:00:00Z", "99999999999999999999", ",arn:aws:iam::111122223333:role/x", "<InclusiveNamespaces xmlns=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"a a\"/>",
    ];

    private static readonly string[] Ids = ["ID", "Id", "id", "xml:id", "iD", "AssertionID"];

    /// <summary>One to three changes of a document.</summary>
    internal string Mutate(string xml)
    {
        var document = IdentityProvider.Load(xml);
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            Change(document);
        }

        var changed = document.OuterXml;
        return random.Next(8) == 0 ? ChangeText(changed) : changed;
    }

    /// <summary>One to six changes of the text of a document, whatever becomes of it.</summary>
    internal string Garble(string xml)
    {
        var text = new StringBuilder(xml);
        for (var changes = random.Next(1, 7); changes > 0; changes--)
        {
            var at = random.Next(text.Length);
            var length = Math.Min(random.Next(1, 40), text.Length - at);
            switch (random.Next(5))
            {
                case 0:
                    text.Remove(at, Math.Min(length, text.Length - 1));
                    break;
                case 1:
                    text.Insert(at, Any(Tokens));
                    break;
                case 2:
                    text.Insert(random.Next(text.Length), text.ToString(at, length));
                    break;
                case 3:
                    text[at] = (char)random.Next(0, 0x3000);
                    break;
                default:
                    // Where a value ends, more of it is well-formed still.
                    var end = text.ToString().IndexOfAny(['"', '<'], at);
                    text.Insert(end < 0 ? at : end, Any(Tokens));
                    break;
            }
        }

        return text.ToString();
    }

    private void Change(XmlDocument document)
    {
        var elements = document.GetElementsByTagName("*").Cast<XmlElement>().ToList();
        var one = Any(elements);
        var other = Any(elements);
        switch (random.Next(14))
        {
            case 0:
                Place(document, one, other);
                break;
            case 1:
                Place(document, (XmlElement)one.CloneNode(deep: true), other);
                break;
            case 2:
                Rename(document, one, Any(Names), one.NamespaceURI);
                break;
            case 3:
                Rename(document, one, one.LocalName, Any(Namespaces));
                break;
            case 4:
                Wrap(document, one);
                break;
            case 5:
                Insert(one, document.CreateComment("admin"));
                break;
            case 6:
                Insert(one, random.Next(2) == 0 ? document.CreateWhitespace(Any(" \n\t\r".ToCharArray()).ToString()) : document.CreateTextNode("x"));
                break;
            case 7:
                Insert(one, random.Next(2) == 0 ? document.CreateCDataSection("admin") : document.CreateProcessingInstruction("x", "y"));
                break;
            case 8:
                ChangeAttribute(one, other);
                break;
            case 9:
                one.SetAttribute(Any(Ids), random.Next(2) == 0 ? other.GetAttribute("ID") : "_evil");
                break;
            case 10:
                one.SetAttribute(random.Next(2) == 0 ? "xmlns" : "xmlns:" + Any(["saml", "samlp", "ds", "evil", "xs"]), Any(Namespaces));
                break;
            case 11:
                SwapSignatureParts(document);
                break;
            case 12:
                if (one.ParentNode is XmlElement parent)
                {
                    parent.RemoveChild(one);
                }

                break;
            default:
                if (one.ChildNodes.Cast<XmlNode>().All(child => child is XmlText))
                {
                    one.InnerText = random.Next(2) == 0 ? Any(Values) : other.InnerText[..Math.Min(200, other.InnerText.Length)];
                }

                break;
        }
    }

    private void Place(XmlDocument document, XmlElement moved, XmlElement target)
    {
        if (moved == document.DocumentElement || Contains(moved, target))
        {
            return;
        }

        moved.ParentNode?.RemoveChild(moved);
        Insert(target, moved);
    }

    private void Wrap(XmlDocument document, XmlElement element)
    {
        if (element.ParentNode is XmlElement parent)
        {
            var wrapper = document.CreateElement(Any(Names), Any(Namespaces));
            parent.ReplaceChild(wrapper, element);
            wrapper.AppendChild(element);
        }
    }

    private static void Rename(XmlDocument document, XmlElement element, string name, string uri)
    {
        if (element.ParentNode is not XmlElement parent)
        {
            return;
        }

        var renamed = document.CreateElement(uri == element.NamespaceURI ? element.Prefix : "", name, uri);
        while (element.FirstChild is { } child)
        {
            renamed.AppendChild(child);
        }

        while (element.Attributes.Count > 0)
        {
            var attribute = element.Attributes[0];
            element.Attributes.Remove(attribute);
            if (attribute.Name != "xmlns")
            {
                renamed.Attributes.Append(attribute);
            }
        }

        parent.ReplaceChild(renamed, element);
    }

    private void ChangeAttribute(XmlElement one, XmlElement other)
    {
        var attributes = one.Attributes.Cast<XmlAttribute>().Where(attribute => attribute.NamespaceURI != "http://www.w3.org/2000/xmlns/").ToList();
        if (attributes.Count == 0)
        {
            return;
        }

        var attribute = Any(attributes);
        switch (random.Next(4))
        {
            case 0:
                one.Attributes.Remove(attribute);
                break;
            case 1:
                attribute.Value = Any(Values);
                break;
            case 2:
                attribute.Value = other.Attributes.Count > 0 ? other.Attributes[0].Value : attribute.Value + " ";
                break;
            default:
                attribute.Value += Any(["x", " ", "\n", "#"]);
                break;
        }
    }

    private void SwapSignatureParts(XmlDocument document)
    {
        var parts = document.GetElementsByTagName("*", Ds).Cast<XmlElement>().ToList();
        if (parts.Count < 2)
        {
            return;
        }

        var one = Any(parts);
        var same = parts.Where(part => part.LocalName == one.LocalName && part != one).ToList();
        var other = same.Count > 0 ? Any(same) : Any(parts);
        if (one == other || Contains(one, other) || Contains(other, one))
        {
            return;
        }

        var copy = other.CloneNode(deep: true);
        other.ParentNode!.ReplaceChild(one.CloneNode(deep: true), other);
        one.ParentNode!.ReplaceChild(copy, one);
    }

    /// <summary>What a tree cannot hold: entities, document types, other spellings of the same text.</summary>
    private string ChangeText(string xml)
    {
        var at = random.Next(xml.Length);
        return random.Next(6) switch
        {
            0 => "<!DOCTYPE x [<!ENTITY e \"admin\">]>" + xml.Insert(at, "&e;"),
            1 => xml.Insert(at, "&#x200B;"),
            2 => xml.Insert(at, "<!---->"),
            3 => "<?xml version=\"1.0\" encoding=\"UTF-7\"?>" + xml,
            4 => xml.Remove(at, Math.Min(random.Next(1, 9), xml.Length - at)),
            _ => new StringBuilder(xml) { [at] = (char)random.Next(32, 127) }.ToString(),
        };
    }

    private void Insert(XmlElement parent, XmlNode node)
    {
        if (parent.ChildNodes.Count > 0 && random.Next(3) > 0)
        {
            parent.InsertBefore(node, parent.ChildNodes[random.Next(parent.ChildNodes.Count)]);
        }
        else
        {
            parent.AppendChild(node);
        }
    }

    private static bool Contains(XmlNode outer, XmlNode inner)
    {
        for (XmlNode? node = inner; node is not null; node = node.ParentNode)
        {
            if (node == outer)
            {
                return true;
            }
        }

        return false;
    }

    private T Any<T>(IReadOnlyList<T> items) => items[random.Next(items.Count)];
}
