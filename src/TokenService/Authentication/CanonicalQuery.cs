using System.Diagnostics.CodeAnalysis;

namespace TokenService;

/// <summary>A query's parameters, percent-encoded in the one canonical way.</summary>
/// <remarks>Source: IAM User Guide, "Create a signed AWS API request", canonical query string. A <c>+</c> is a space here, as it is to every form
/// decoder; conforming clients send <c>%20</c> or <c>%2B</c>. Immutable: the empty one serves all requests at once.</remarks>
internal sealed class CanonicalQuery
{
    internal static readonly CanonicalQuery Empty = new([]);

    /// <summary>How many parameters are looked at; services know a few dozen.</summary>
    private const int MaxParameters = 1000;

    private readonly (string Name, string Value)[] _parameters;

    private CanonicalQuery(IEnumerable<(string Name, string Value)> parameters) => _parameters = [.. parameters];

    /// <returns><see langword="false"/> where a percent sign is not followed by two hexadecimal digits, or there are too many parameters.</returns>
    internal static bool TryParse(string text, [NotNullWhen(true)] out CanonicalQuery? query)
    {
        query = Empty;
        if (text.Length == 0)
        {
            return true;
        }

        query = null;
        var parameters = new List<(string Name, string Value)>();
        foreach (var range in text.AsSpan().Split('&'))
        {
            var pair = text.AsSpan(range);
            if (pair.IsEmpty)
            {
                continue;
            }

            var equals = pair.IndexOf('=');
            var name = equals < 0 ? pair : pair[..equals];
            var value = equals < 0 ? [] : pair[(equals + 1)..];
            if (parameters.Count == MaxParameters || !PercentEncoding.TryNormalize(name, plusIsSpace: true, out var encodedName)
                || !PercentEncoding.TryNormalize(value, plusIsSpace: true, out var encodedValue))
            {
                return false;
            }

            parameters.Add((encodedName, encodedValue));
        }

        parameters.Sort(static (left, right) =>
            string.CompareOrdinal(left.Name, right.Name) is var order and not 0 ? order : string.CompareOrdinal(left.Value, right.Value));
        query = new CanonicalQuery(parameters);
        return true;
    }

    /// <summary>The decoded value of a parameter.</summary>
    /// <param name="name">The name, exactly as it stands; AWS's own need no encoding.</param>
    /// <param name="value">The value, or <see langword="null"/> where there is no such parameter.</param>
    /// <returns><see langword="false"/> where the parameter stands more than once, so that two readers could read two values.</returns>
    internal bool TryGetSingle(string name, out string? value)
    {
        value = null;
        foreach (var parameter in _parameters)
        {
            if (parameter.Name == name)
            {
                if (value is not null)
                {
                    return false;
                }

                value = Uri.UnescapeDataString(parameter.Value);
            }
        }

        return true;
    }

    internal bool Contains(string name)
    {
        foreach (var parameter in _parameters)
        {
            if (parameter.Name == name)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes the parameters in byte order of name, then value, without the one that bears the signature.</summary>
    internal void WriteTo(ref CanonicalWriter writer, string without)
    {
        var first = true;
        foreach (var (name, value) in _parameters)
        {
            if (name == without)
            {
                continue;
            }

            if (!first)
            {
                writer.Write((byte)'&');
            }

            first = false;
            writer.WriteText(name);
            writer.Write((byte)'=');
            writer.WriteText(value);
        }
    }
}
