using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace TokenService;

/// <summary>Writes the JSON that tells the owner of an account why one of its callers was denied.</summary>
/// <remarks>
/// <para>Source: STS API Reference, <c>DecodeAuthorizationMessage</c>; names, nesting and booleans as the live service has them (reference
/// 5.5). A statement with <c>NotAction</c> and its like has <c>notActions</c>, <c>notResources</c> and <c>notPrincipals</c> besides.</para>
/// <para>Of a policy that is another account's nothing is told, not even that it denies: its owner alone may know it.</para>
/// <para>What is too long loses whole members, in the order of <see cref="Detail"/>. A member that had to go is absent; one that is there and
/// empty is empty.</para>
/// </remarks>
internal sealed class DenialDocument
{
    private readonly Decision _decision;
    private readonly DeniedRequest _request;
    private readonly Caller _caller;
    private readonly bool _isDenyingKnown;

    private DenialDocument(Decision decision, DeniedRequest request, Caller caller)
    {
        _decision = decision;
        _request = request;
        _caller = caller;
        _isDenyingKnown = decision.Outcome == DecisionOutcome.ExplicitDeny && MayKnow(decision.Reasons[0]);
    }

    /// <summary>What a document can do without, in the order in which it goes: first what stands in the policy, where its owner can read it,
    /// then what is known of the request.</summary>
    private enum Detail
    {
        StatementConditions,
        StatementResources,
        StatementPrincipals,
        StatementActions,
        ContextConditions,
        Statements,
        Resource,
        Action,
        Principal,
        None,
    }

    /// <summary>Tells of a denial in so many bytes.</summary>
    /// <param name="decision">The denial.</param>
    /// <param name="request">What it denied.</param>
    /// <param name="caller">To whom.</param>
    /// <param name="maxBytes">How long the document may be; a few hundred bytes are always enough for one.</param>
    internal static ReadOnlyMemory<byte> Write(Decision decision, DeniedRequest request, Caller caller, int maxBytes)
    {
        var document = new DenialDocument(decision, request, caller);
        var statement = document._isDenyingKnown ? document.ReadStatement() : default;
        var buffer = new ArrayBufferWriter<byte>();
        for (var first = Detail.StatementConditions; first <= Detail.None; first++)
        {
            buffer.ResetWrittenCount();
            using (var json = new Utf8JsonWriter(buffer))
            {
                document.Write(json, statement, first);
            }

            if (buffer.WrittenCount <= maxBytes)
            {
                break;
            }
        }

        return buffer.WrittenMemory;
    }

    private void Write(Utf8JsonWriter json, JsonElement statement, Detail first)
    {
        json.WriteStartObject();
        json.WriteBoolean("allowed", false);
        json.WriteBoolean("explicitDeny", _isDenyingKnown);
        if (first <= Detail.Statements)
        {
            json.WriteStartObject("matchedStatements");
            json.WriteStartArray("items");
            if (_isDenyingKnown)
            {
                WriteStatement(json, statement, first);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        WriteItems(json, "failures", []);
        json.WriteStartObject("context");
        WriteContext(json, statement, first);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteStatement(Utf8JsonWriter json, JsonElement statement, Detail first)
    {
        json.WriteStartObject();
        json.WriteString("statementId", _decision.Statement!.Sid ?? "");
        json.WriteString("effect", "DENY");
        if (first <= Detail.StatementPrincipals)
        {
            WriteItems(json, "principals", statement.TryGetProperty("Principal", out var named) ? Principals(named) : HolderOfPolicy());
            WriteExcepted(json, "notPrincipals", statement, "NotPrincipal");
            WriteItems(json, "principalGroups", []);
        }

        if (first <= Detail.StatementActions)
        {
            WriteItems(json, "actions", statement.TryGetProperty("Action", out var actions) ? Values(actions) : []);
            WriteExcepted(json, "notActions", statement, "NotAction");
        }

        if (first <= Detail.StatementResources)
        {
            WriteItems(json, "resources", statement.TryGetProperty("Resource", out var resources) ? Values(resources) : []);
            WriteExcepted(json, "notResources", statement, "NotResource");
        }

        if (first <= Detail.StatementConditions)
        {
            WriteConditions(json, Conditions(statement)
                .Select(condition => (condition.Name, _request.Withholds(condition.Name) ? [] : Values(condition.Value))));
        }

        json.WriteEndObject();
    }

    private void WriteContext(Utf8JsonWriter json, JsonElement statement, Detail first)
    {
        if (first <= Detail.Principal)
        {
            json.WriteStartObject("principal");
            json.WriteString("id", _caller.UserId);
            if (_caller.Standing is CallerKind.User or CallerKind.UserSession)
            {
                json.WriteString("name", _caller.User!.Name);
            }

            json.WriteString("arn", _caller.Arn.ToString());
            json.WriteEndObject();
        }

        if (first <= Detail.Action)
        {
            json.WriteString("action", _decision.Action);
        }

        if (first <= Detail.Resource)
        {
            json.WriteString("resource", _request.Resource);
        }

        if (first <= Detail.ContextConditions)
        {
            WriteConditions(json, AskedFor(statement));
        }
    }

    /// <summary>The keys that the denying statement asked for, or where none denies those that stood in the way of one that allows, each with
    /// the values of the request; none where the request does not have it.</summary>
    private IEnumerable<(string Key, IEnumerable<string> Values)> AskedFor(JsonElement statement) =>
        (_isDenyingKnown
            ? Conditions(statement).Select(condition => (condition.Name, (IEnumerable<string>)RequestValues(condition.Name)))
            : _decision.Reasons.Where(MayKnow).SelectMany(reason => reason.NearMisses).Where(miss => miss.Key is not null)
                .Select(miss => (miss.Key!, (IEnumerable<string>)miss.RequestValues)))
        .DistinctBy(asked => asked.Item1, StringComparer.OrdinalIgnoreCase);

    private ImmutableArray<string> RequestValues(string key) =>
        _request.Withholds(key) ? [] : _request.Context.Find(new ConditionKey(key)).ToImmutableArray();

    private bool MayKnow(DenialReason reason) =>
        _request.IsSameAccount || !(reason.Kind is PolicyKind.Resource or PolicyKind.Trust || reason.IsResourceControl);

    /// <summary>Whom a policy without principals is about: the role or user that it hangs on, or the session that it was passed to; none for
    /// those of an organization.</summary>
    private IEnumerable<string> HolderOfPolicy() => _decision.Kind switch
    {
        PolicyKind.Identity or PolicyKind.Boundary => [_caller.Role?.Id ?? _caller.User?.Id ?? _caller.UserId],
        PolicyKind.Session => [_caller.UserId],
        _ => [],
    };

    /// <summary>The denying statement as its policy spells it; the compiled one knows only what it needs to match.</summary>
    private JsonElement ReadStatement()
    {
        var document = _decision.Policy?.Document ?? _request.ResourcePolicy!;
        using var json = JsonDocument.Parse(document.Text);
        var statements = json.RootElement.GetProperty("Statement");
        return (statements.ValueKind == JsonValueKind.Array ? statements[_decision.Statement!.Index] : statements).Clone();
    }

    private static IEnumerable<JsonProperty> Conditions(JsonElement statement) =>
        statement.TryGetProperty("Condition", out var operators)
            ? operators.EnumerateObject().SelectMany(keys => keys.Value.EnumerateObject())
            : [];

    private static IEnumerable<string> Principals(JsonElement named) =>
        named.ValueKind == JsonValueKind.Object ? named.EnumerateObject().SelectMany(kind => Values(kind.Value)) : Values(named);

    private static IEnumerable<string> Values(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(Scalar) : [Scalar(value)];

    private static string Scalar(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static void WriteExcepted(Utf8JsonWriter json, string name, JsonElement statement, string element)
    {
        if (statement.TryGetProperty(element, out var excepted))
        {
            WriteItems(json, name, Principals(excepted));
        }
    }

    private static void WriteConditions(Utf8JsonWriter json, IEnumerable<(string Key, IEnumerable<string> Values)> conditions)
    {
        json.WriteStartObject("conditions");
        json.WriteStartArray("items");
        foreach (var (key, values) in conditions)
        {
            json.WriteStartObject();
            json.WriteString("key", key);
            WriteItems(json, "values", values);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteItems(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartObject(name);
        json.WriteStartArray("items");
        foreach (var value in values)
        {
            json.WriteStartObject();
            json.WriteString("value", value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
