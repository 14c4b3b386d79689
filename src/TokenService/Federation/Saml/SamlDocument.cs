using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Xml;

namespace TokenService;

/// <summary>Reads a document, or the plaintext of an encrypted assertion, into a tree: strictly, within bounds, and with nothing but elements,
/// attributes and text inside its document element.</summary>
/// <remarks>docs/saml.md, rules 2 to 4. The bounds are counted by a forward reader before any tree is built.</remarks>
internal static class SamlDocument
{
    /// <summary>How deep elements may lie in one another, the document element counted.</summary>
    internal const int MaxDepth = 32;

    internal const int MaxElements = 1500;

    /// <summary>Attributes and namespace declarations of one element.</summary>
    internal const int MaxAttributes = 32;

    /// <summary>Attributes and namespace declarations of all elements together.</summary>
    internal const int MaxAllAttributes = 2048;

    /// <summary>Declarations of namespaces that differ in prefix or name; the same one may be said again and again.</summary>
    internal const int MaxNamespaces = 64;

    /// <summary>Characters of declarations that a canonical form says anew: of each element or attribute whose prefix or namespace is not that of the element
    /// around it, the namespace and <see cref="DeclarationLength"/>. A long name that is declared once and used a thousand times would make a canonical
    /// form of megabytes; a thousand values that say their type, as honest providers do, stay below.</summary>
    internal const int MaxCanonicalDeclarations = 65_536;

    /// <summary>What a declaration has besides the namespace, its prefix taken as a short one; and what looking for it costs.</summary>
    internal const int DeclarationLength = 24;

    /// <summary>Characters of one text or attribute value; a <c>CipherValue</c> may be as long as its document.</summary>
    internal const int MaxTextLength = 16_384;

    /// <summary>Signatures of a document and the plaintext of its encrypted assertion together.</summary>
    internal const int MaxSignatures = 2;

    /// <summary>Characters of the name of an element or attribute, its prefix counted.</summary>
    internal const int MaxNameLength = 256;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly SearchValues<char> SchemeCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");

    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        CheckCharacters = true,
        ConformanceLevel = ConformanceLevel.Document,
        CloseInput = false,
    };

    /// <summary>Reads a response.</summary>
    /// <param name="utf8">Its bytes, which may begin with a byte order mark.</param>
    /// <param name="signatures">The signatures counted so far.</param>
    /// <param name="document">The tree, when there is no broken rule.</param>
    /// <returns>The rule that is broken, or <see langword="null"/>.</returns>
    internal static string? Read(ReadOnlySpan<byte> utf8, ref int signatures, out XmlDocument? document)
    {
        if (utf8.StartsWith(Encoding.UTF8.Preamble))
        {
            utf8 = utf8[Encoding.UTF8.Preamble.Length..];
        }

        return Read(utf8, isPlaintext: false, ref signatures, out document);
    }

    /// <summary>Reads a decrypted assertion, which is the bytes of one element and nothing else: no mark, declaration, comment or white space around it.</summary>
    /// <param name="utf8">Its bytes.</param>
    /// <param name="signatures">The signatures counted so far, those of the document around it among them.</param>
    /// <param name="document">The tree, when there is no broken rule.</param>
    /// <returns>The rule that is broken, or <see langword="null"/>.</returns>
    internal static string? ReadPlaintext(ReadOnlySpan<byte> utf8, ref int signatures, out XmlDocument? document) =>
        Read(utf8, isPlaintext: true, ref signatures, out document);

    /// <summary>Reads the canonical form of something that was read before.</summary>
    /// <param name="canonical">What was digested.</param>
    internal static XmlDocument ReadCanonical(byte[] canonical) => Load(StrictUtf8.GetString(canonical));

    private static string? Read(ReadOnlySpan<byte> utf8, bool isPlaintext, ref int signatures, out XmlDocument? document)
    {
        document = null;
        try
        {
            var text = StrictUtf8.GetString(utf8);
            if (isPlaintext && (text.Length == 0 || text[0] != '<' || text[^1] != '>'))
            {
                return "the plaintext is one element and nothing around it";
            }

            if (text.StartsWith('\uFEFF'))
            {
                return "the document has one byte order mark at most";
            }

            if (CheckBounds(text, isPlaintext, ref signatures) is { } broken)
            {
                return broken;
            }

            document = Load(text);
            return null;
        }
        catch (DecoderFallbackException)
        {
            return "the document is well-formed UTF-8";
        }
        catch (XmlException)
        {
            // What the reader says quotes the document.
            return "the document is well-formed XML 1.0 without a document type";
        }
    }

    [SuppressMessage("Security", "CA3075", Justification = "The reader has no resolver and prohibits document types.")]
    private static XmlDocument Load(string text)
    {
        using var reader = XmlReader.Create(new StringReader(text), Settings);
        var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };

        // What stands before the document element is dropped: the tree throws at declarations that the reader takes.
        reader.MoveToContent();
        document.Load(reader);
        return document;
    }

    private static string? CheckBounds(string text, bool isPlaintext, ref int signatures)
    {
        using var reader = XmlReader.Create(new StringReader(text), Settings);
        var names = new NamespaceCount();
        var elements = 0;
        var textLength = 0;
        var isCipherValue = false;
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    textLength = 0;
                    isCipherValue = !reader.IsEmptyElement && reader.LocalName == "CipherValue" && reader.NamespaceURI == SamlNames.Encryption;
                    signatures += reader.LocalName == "Signature" ? 1 : 0;
                    if (++elements > MaxElements || reader.Depth >= MaxDepth || signatures > MaxSignatures)
                    {
                        return "the document is within the bounds on depth, elements and signatures";
                    }

                    if (CheckElement(reader, names) is { } broken)
                    {
                        return broken;
                    }

                    break;
                case XmlNodeType.EndElement:
                    (textLength, isCipherValue) = (0, false);
                    break;
                case XmlNodeType.Text or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace:
                    if (reader.Depth > 0 && (textLength += reader.Value.Length) > MaxTextLength && !isCipherValue)
                    {
                        return "the document is within the bounds on text";
                    }

                    break;
                case XmlNodeType.XmlDeclaration when !isPlaintext:
                    if (reader.GetAttribute("version") != "1.0"
                        || (reader.GetAttribute("encoding") is { } encoding && !encoding.Equals("UTF-8", StringComparison.OrdinalIgnoreCase)))
                    {
                        return "the declaration names XML 1.0 and UTF-8";
                    }

                    break;
                case XmlNodeType.Comment when reader.Depth == 0 && !isPlaintext:
                    break;
                default:
                    return "there is no processing instruction, and inside the document element neither a comment nor a CDATA section";
            }
        }

        return null;
    }

    private static string? CheckElement(XmlReader reader, NamespaceCount names)
    {
        names.Enter(reader);
        if (reader.Name.Length > MaxNameLength || reader.AttributeCount > MaxAttributes)
        {
            return "the element is within the bounds on names and attributes";
        }

        while (reader.MoveToNextAttribute())
        {
            var value = reader.Value;
            if (reader.Name.Length > MaxNameLength || value.Length > MaxTextLength)
            {
                return "the attribute is within the bounds on names and values";
            }

            // What an undeclared or relative namespace means, parsers and canonicalizers disagree about.
            if (reader.NamespaceURI == SamlNames.Declaration && (!HasScheme(value) || reader.LocalName == "xml"))
            {
                return "a namespace is an absolute URI";
            }

            names.Add(reader);
        }

        reader.MoveToElement();
        return names.IsWithinBounds ? null : "the document is within the bounds on attributes and namespaces";
    }

    /// <summary>Whether a URI is absolute. RFC 3986, section 3.1.</summary>
    internal static bool HasScheme(string uri)
    {
        var colon = uri.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && char.IsAsciiLetter(uri[0])
            && !uri.AsSpan(1, colon - 1).ContainsAnyExcept(SchemeCharacters);
    }

    /// <summary>Counts attributes, declarations of namespaces, and what a canonical form says of these: exclusive canonicalization declares a namespace on each
    /// element that uses it and does not stand in one that did (Exclusive XML Canonicalization 1.0, 3).</summary>
    private sealed class NamespaceCount
    {
        private readonly HashSet<(string Name, string Namespace)> _declared = [];
        private readonly (string Prefix, string Namespace)[] _around = new (string, string)[MaxDepth];
        private (string Prefix, string Namespace) _element;
        private int _attributes;
        private int _canonical;

        internal bool IsWithinBounds => _attributes <= MaxAllAttributes && _declared.Count <= MaxNamespaces && _canonical <= MaxCanonicalDeclarations;

        /// <summary>Begins an element whose depth is within its bound.</summary>
        internal void Enter(XmlReader reader)
        {
            _element = (reader.Prefix, reader.NamespaceURI);
            if (reader.Depth == 0 || _around[reader.Depth - 1] != _element)
            {
                _canonical += _element.Namespace.Length + DeclarationLength;
            }

            _around[reader.Depth] = _element;
        }

        /// <summary>Counts an attribute or declaration of that element.</summary>
        internal void Add(XmlReader reader)
        {
            _attributes++;
            if (reader.NamespaceURI == SamlNames.Declaration)
            {
                _declared.Add((reader.Name, reader.Value));
            }
            else if (reader.Prefix.Length > 0 && (reader.Prefix, reader.NamespaceURI) != _element)
            {
                _canonical += reader.NamespaceURI.Length + DeclarationLength;
            }
        }
    }
}
