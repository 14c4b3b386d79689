using System.Text.Json;

namespace StsServer.Seed;

/// <summary>A JSON object of the seed file that knows its place, and reports members that are missing, of the wrong kind, doubled or unknown.</summary>
internal sealed class SeedObject
{
    private readonly Dictionary<string, JsonElement> _members = new(StringComparer.Ordinal);

    private SeedObject(JsonElement element, string place, SeedReport report, string[] known)
    {
        Place = place;
        Report = report;
        foreach (var member in element.EnumerateObject())
        {
            if (!known.Contains(member.Name, StringComparer.Ordinal))
            {
                report.Note($"{place}.{member.Name}", "unknown member, ignored");
            }
            else if (!_members.TryAdd(member.Name, member.Value))
            {
                report.Fault($"{place}.{member.Name}", "the member stands twice");
            }
        }
    }

    internal string Place { get; }

    internal SeedReport Report { get; }

    /// <returns>The object, or <see langword="null"/>, reported, where the element is none.</returns>
    internal static SeedObject? Read(JsonElement element, string place, SeedReport report, string[] known)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            return new SeedObject(element, place, report, known);
        }

        report.Fault(place, "an object is expected");
        return null;
    }

    internal bool Has(string name) => Member(name) is not null;

    internal string PlaceOf(string name) => $"{Place}.{name}";

    /// <summary>A member's element; a JSON null is as good as absent.</summary>
    internal JsonElement? Member(string name) =>
        _members.TryGetValue(name, out var element) && element.ValueKind != JsonValueKind.Null ? element : null;

    internal void Fault(string name, string reason) => Report.Fault(PlaceOf(name), reason);

    /// <summary>A text, or <see langword="null"/> where it is absent or, reported, no text.</summary>
    internal string? Text(string name)
    {
        if (Member(name) is not { } element)
        {
            return null;
        }

        if (element.ValueKind == JsonValueKind.String)
        {
            return element.GetString();
        }

        Fault(name, "a text is expected");
        return null;
    }

    /// <summary>A text that must be there.</summary>
    internal string? Required(string name)
    {
        if (!Has(name))
        {
            Fault(name, "the member is missing");
            return null;
        }

        var text = Text(name);
        if (text is { Length: 0 })
        {
            Fault(name, "the text is empty");
            return null;
        }

        return text;
    }

    internal int? Integer(string name)
    {
        if (Member(name) is not { } element)
        {
            return null;
        }

        if (element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var value))
        {
            return value;
        }

        Fault(name, "a whole number is expected");
        return null;
    }

    internal bool Flag(string name)
    {
        if (Member(name) is not { } element)
        {
            return false;
        }

        if (element.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            Fault(name, "true or false is expected");
        }

        return element.ValueKind == JsonValueKind.True;
    }

    /// <summary>The elements of a list with their places; none where it is absent or, reported, no list.</summary>
    internal IEnumerable<(JsonElement Element, string Place)> Items(string name)
    {
        if (Member(name) is not { } element)
        {
            return [];
        }

        if (element.ValueKind == JsonValueKind.Array)
        {
            return element.EnumerateArray().Select((item, index) => (item, $"{PlaceOf(name)}[{index}]"));
        }

        Fault(name, "a list is expected");
        return [];
    }

    internal IEnumerable<SeedObject> Objects(string name, string[] known) =>
        Items(name).Select(item => Read(item.Element, item.Place, Report, known)).OfType<SeedObject>();

    internal SeedObject? Object(string name, string[] known) =>
        Member(name) is { } element ? Read(element, PlaceOf(name), Report, known) : null;

    /// <summary>A list of texts, none of them empty.</summary>
    internal IEnumerable<SeedReference> Texts(string name)
    {
        foreach (var (element, place) in Items(name))
        {
            if (element.ValueKind == JsonValueKind.String && element.GetString() is { Length: > 0 } text)
            {
                yield return new SeedReference(place, text);
            }
            else
            {
                Report.Fault(place, "a text is expected");
            }
        }
    }
}
