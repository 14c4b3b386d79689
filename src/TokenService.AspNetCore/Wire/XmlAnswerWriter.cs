using System.Globalization;
using System.Text;
using NodaTime;
using NodaTime.Text;

namespace TokenService.AspNetCore;

/// <summary>Answers in XML as the live service lays them out: no declaration, two spaces a level, a line end after the last line.</summary>
/// <remarks>Source: STS API Reference, sample responses; reference 2.2 and 2.3.</remarks>
internal sealed class XmlAnswerWriter(string? xmlNamespace) : AnswerWriter
{
    internal const string ServiceNamespace = "https://sts.amazonaws.com/doc/2011-06-15/";

    /// <summary>The namespace of the dispatcher's own refusals.</summary>
    internal const string DispatcherNamespace = "http://webservices.amazon.com/AWSFault/2005-15-09";

    private static readonly InstantPattern Seconds = InstantPattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:ss'Z'");

    private readonly StringBuilder _xml = new(1024);
    private readonly Stack<string> _open = new();

    internal override string ContentType => "text/xml";

    internal override void Open(string name)
    {
        Indent().Append('<').Append(name);
        if (_open.Count == 0 && xmlNamespace is not null)
        {
            _xml.Append(" xmlns=\"").Append(xmlNamespace).Append('"');
        }

        _xml.Append(">\n");
        _open.Push(name);
    }

    internal override void Close()
    {
        var name = _open.Pop();
        Indent().Append("</").Append(name).Append(">\n");
    }

    internal override void Text(string name, string value)
    {
        Indent().Append('<').Append(name).Append('>');
        AppendEscaped(Legible(value));
        _xml.Append("</").Append(name).Append(">\n");
    }

    internal override void Number(string name, long value) => Text(name, value.ToString(CultureInfo.InvariantCulture));

    internal override void Time(string name, Instant value) => Text(name, Seconds.Format(value));

    internal override ReadOnlyMemory<byte> Complete() => Encoding.UTF8.GetBytes(_xml.ToString());

    private StringBuilder Indent() => _xml.Append(' ', 2 * _open.Count);

    private void AppendEscaped(string text)
    {
        foreach (var character in text)
        {
            _ = character switch
            {
                '&' => _xml.Append("&amp;"),
                '<' => _xml.Append("&lt;"),
                '>' => _xml.Append("&gt;"),
                '"' => _xml.Append("&quot;"),
                '\'' => _xml.Append("&apos;"),

                // A parser would read it as a line feed otherwise.
                '\r' => _xml.Append("&#xD;"),
                _ => _xml.Append(character),
            };
        }
    }
}
