using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace TokenService;

/// <summary>Reads policy documents.</summary>
/// <remarks>Source: IAM User Guide, "Grammar of the IAM JSON policy language".</remarks>
internal static class PolicyParser
{
    private const string Version2012 = "2012-10-17";
    private const string Version2008 = "2008-10-17";

    /// <summary>Reads a document.</summary>
    /// <param name="text">The text.</param>
    /// <param name="kind">What it is read as.</param>
    /// <param name="maxCharacters">The greatest size, white space outside strings not counted.</param>
    /// <param name="document">What it says, when the answer is <see langword="true"/>.</param>
    /// <param name="error">What is wrong with it, and where, when the answer is <see langword="false"/>.</param>
    internal static bool TryParse(
        string? text,
        PolicyKind kind,
        int maxCharacters,
        out (string? Id, ImmutableArray<PolicyStatement> Statements) document,
        [NotNullWhen(false)] out string? error)
    {
        document = default;
        if (!PolicyReader.TryEncode(text, maxCharacters, out var utf8, out error))
        {
            return false;
        }

        try
        {
            var hasVariables = FindVersion(utf8) == Version2012;
            var reader = PolicyReader.Start(utf8);
            if (TryReadDocument(ref reader, kind, hasVariables, out document) && reader.IsAtEnd())
            {
                return true;
            }

            error = reader.Error!;
            return false;
        }
        catch (JsonException exception)
        {
            error = string.Create(
                CultureInfo.InvariantCulture,
                $"This policy contains invalid Json. Line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}.");
            return false;
        }
        catch (InvalidOperationException)
        {
            // Utf8JsonReader.GetString: the string escapes half of a surrogate pair, so it is no text.
            error = "This policy contains invalid Json. A string holds half of a surrogate pair.";
            return false;
        }
    }

    // The version decides how statements are read, and may stand after them.
    private static string? FindVersion(byte[] utf8)
    {
        var reader = PolicyReader.Start(utf8);
        if (reader.Token != JsonTokenType.StartObject)
        {
            return null;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        while (reader.NextMember(names, out var name))
        {
            if (name == "Version")
            {
                return reader.TryReadString(out var version) ? version : null;
            }

            reader.Skip();
            reader.Leave();
        }

        return null;
    }

    private static bool TryReadDocument(
        ref PolicyReader reader, PolicyKind kind, bool hasVariables, out (string? Id, ImmutableArray<PolicyStatement> Statements) document)
    {
        document = default;
        if (!reader.Expect(JsonTokenType.StartObject, "a policy is a JSON object"))
        {
            return false;
        }

        string? id = null;
        List<PolicyStatement>? statements = null;
        var statementParser = new StatementParser(kind, hasVariables);
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (reader.NextMember(names, out var name))
        {
            var read = name switch
            {
                "Version" => TryReadVersion(ref reader),
                "Id" => reader.TryReadString(out id),
                "Statement" => TryReadStatements(ref reader, statementParser, out statements),
                _ => reader.Fail("unknown element"),
            };
            if (!read)
            {
                return false;
            }

            reader.Leave();
        }

        if (reader.Error is not null)
        {
            return false;
        }

        document = (id, statements is null ? [] : [.. statements]);
        return statements is not null || reader.Fail("Statement is missing");
    }

    private static bool TryReadVersion(ref PolicyReader reader) =>
        reader.TryReadString(out var version)
        && (version is Version2012 or Version2008 || reader.Fail($"must be {Version2012} or {Version2008}"));

    private static bool TryReadStatements(ref PolicyReader reader, StatementParser parser, out List<PolicyStatement> statements)
    {
        statements = [];
        if (reader.Token != JsonTokenType.StartArray)
        {
            return parser.TryRead(ref reader, statements);
        }

        while (reader.NextItem(statements.Count))
        {
            if (statements.Count == PolicyLimits.MaxStatements)
            {
                return reader.Fail("holds too many statements");
            }

            if (!parser.TryRead(ref reader, statements))
            {
                return false;
            }

            reader.Leave();
        }

        return reader.Error is null && (statements.Count > 0 || reader.Fail("must not be empty"));
    }
}
