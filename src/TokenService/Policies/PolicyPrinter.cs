using System.Buffers;
using System.Text;
using System.Text.Json;

namespace TokenService;

/// <summary>Prints a policy in the one canonical spelling: no white space, elements in the order of the grammar, every value in a list, condition
/// values as the text that they compare as.</summary>
/// <remarks>Source: IAM User Guide, "Grammar of the IAM JSON policy language".</remarks>
internal static class PolicyPrinter
{
    private static readonly string[] Lists = ["Action", "NotAction", "Resource", "NotResource"];

    /// <param name="text">A policy that was read, so nothing in it is unknown.</param>
    internal static string Print(string text)
    {
        using var document = JsonDocument.Parse(text);
        var buffer = new ArrayBufferWriter<byte>(text.Length);
        using (var json = new Utf8JsonWriter(buffer))
        {
            var policy = document.RootElement;
            json.WriteStartObject();
            Copy(json, policy, "Version");
            Copy(json, policy, "Id");
            json.WriteStartArray("Statement");
            var statements = policy.GetProperty("Statement");
            foreach (var statement in statements.ValueKind == JsonValueKind.Array ? [.. statements.EnumerateArray()] : new[] { statements })
            {
                Print(json, statement);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Print(Utf8JsonWriter json, JsonElement statement)
    {
        json.WriteStartObject();
        Copy(json, statement, "Sid");
        Copy(json, statement, "Effect");
        PrintPrincipals(json, statement, "Principal");
        PrintPrincipals(json, statement, "NotPrincipal");
        foreach (var name in Lists)
        {
            if (statement.TryGetProperty(name, out var values))
            {
                PrintList(json, name, values);
            }
        }

        if (statement.TryGetProperty("Condition", out var conditions))
        {
            json.WriteStartObject("Condition");
            foreach (var @operator in conditions.EnumerateObject())
            {
                json.WriteStartObject(@operator.Name);
                foreach (var key in @operator.Value.EnumerateObject())
                {
                    PrintList(json, key.Name, key.Value);
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void PrintPrincipals(Utf8JsonWriter json, JsonElement statement, string name)
    {
        if (!statement.TryGetProperty(name, out var principals))
        {
            return;
        }

        if (principals.ValueKind == JsonValueKind.String)
        {
            json.WriteString(name, principals.GetString());
            return;
        }

        json.WriteStartObject(name);
        foreach (var kind in principals.EnumerateObject())
        {
            PrintList(json, kind.Name, kind.Value);
        }

        json.WriteEndObject();
    }

    private static void PrintList(Utf8JsonWriter json, string name, JsonElement values)
    {
        json.WriteStartArray(name);
        foreach (var value in values.ValueKind == JsonValueKind.Array ? [.. values.EnumerateArray()] : new[] { values })
        {
            json.WriteStringValue(value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText());
        }

        json.WriteEndArray();
    }

    private static void Copy(Utf8JsonWriter json, JsonElement from, string name)
    {
        if (from.TryGetProperty(name, out var text))
        {
            json.WriteString(name, text.GetString());
        }
    }
}
