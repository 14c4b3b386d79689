using System.Xml;

namespace TokenService;

/// <summary>The child elements of an element, white space between them left out.</summary>
internal static class XmlChildren
{
    /// <summary>What XML 1.0 (2.3) calls white space; Unicode calls more so.</summary>
    internal static readonly char[] WhiteSpace = [' ', '\t', '\r', '\n'];

    internal static IEnumerable<XmlElement> ChildElements(this XmlElement element)
    {
        for (var node = element.FirstChild; node is not null; node = node.NextSibling)
        {
            if (node is XmlElement child)
            {
                yield return child;
            }
        }
    }

    internal static IEnumerable<XmlElement> ChildElements(this XmlElement element, string name, string @namespace)
    {
        foreach (var child in element.ChildElements())
        {
            if (child.LocalName == name && child.NamespaceURI == @namespace)
            {
                yield return child;
            }
        }
    }

    internal static XmlElement? FirstChildElement(this XmlElement element) => element.ChildElements().FirstOrDefault();

    internal static XmlElement? LastChildElement(this XmlElement element) => element.ChildElements().LastOrDefault();

    /// <summary>The value of an attribute without namespace, or <see langword="null"/> where the element has none.</summary>
    internal static string? AttributeOrNull(this XmlElement element, string name) => element.GetAttributeNode(name)?.Value;
}
