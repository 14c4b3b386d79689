using System.Text.Json;

namespace TokenService;

/// <summary>Reads the statements of a document.</summary>
/// <param name="kind">What the document is read as.</param>
/// <param name="hasVariables">Whether its version has variables.</param>
/// <remarks>Source: IAM User Guide, "IAM JSON policy element reference".</remarks>
internal sealed class StatementParser(PolicyKind kind, bool hasVariables)
{
    private readonly HashSet<string> _sids = new(StringComparer.Ordinal);

    private bool IsResourceBased => kind is PolicyKind.Resource or PolicyKind.Trust;

    internal bool TryRead(ref PolicyReader reader, List<PolicyStatement> statements)
    {
        if (!reader.Expect(JsonTokenType.StartObject, "a statement is a JSON object"))
        {
            return false;
        }

        var elements = new StatementElements();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (reader.NextMember(names, out var name))
        {
            var read = name switch
            {
                "Sid" => TryReadSid(ref reader, elements),
                "Effect" => TryReadEffect(ref reader, elements),
                "Principal" or "NotPrincipal" => TryReadPrincipals(ref reader, elements, except: name == "NotPrincipal"),
                "Action" or "NotAction" => TryReadActions(ref reader, elements, except: name == "NotAction"),
                "Resource" or "NotResource" => TryReadResources(ref reader, elements, except: name == "NotResource"),
                "Condition" => TryReadCondition(ref reader, elements),
                _ => reader.Fail("unknown element"),
            };
            if (!read)
            {
                return false;
            }

            reader.Leave();
        }

        if (reader.Error is not null || !IsComplete(ref reader, elements))
        {
            return false;
        }

        statements.Add(new PolicyStatement(statements.Count, elements));
        return true;
    }

    private bool IsComplete(ref PolicyReader reader, StatementElements elements)
    {
        if (elements.Effect is null)
        {
            return reader.Fail("Effect is missing");
        }

        if (elements.Actions is null)
        {
            return reader.Fail("Action is missing");
        }

        if (elements.Resources is null && kind != PolicyKind.Trust)
        {
            return reader.Fail("Resource is missing");
        }

        if (elements.Principals is null && IsResourceBased)
        {
            return reader.Fail("Principal is missing");
        }

        // It lets in everybody else, anonymous callers among them; no role means that.
        return kind != PolicyKind.Trust || !elements.ExceptPrincipals || elements.Effect == PolicyEffect.Deny
            || reader.Fail("a trust policy cannot allow with NotPrincipal");
    }

    private bool TryReadSid(ref PolicyReader reader, StatementElements elements)
    {
        if (!reader.TryReadString(out var sid))
        {
            return false;
        }

        elements.Sid = sid;
        if (kind is PolicyKind.Identity or PolicyKind.Session or PolicyKind.Boundary && !sid.All(char.IsAsciiLetterOrDigit))
        {
            return reader.Fail("a Sid is made of A-Z, a-z and 0-9");
        }

        return _sids.Add(sid) || reader.Fail("another statement has the same Sid");
    }

    private static bool TryReadEffect(ref PolicyReader reader, StatementElements elements)
    {
        if (!reader.TryReadString(out var effect))
        {
            return false;
        }

        elements.Effect = effect switch
        {
            "Allow" => PolicyEffect.Allow,
            "Deny" => PolicyEffect.Deny,
            _ => null,
        };
        return elements.Effect is not null || reader.Fail("must be Allow or Deny");
    }

    private bool TryReadPrincipals(ref PolicyReader reader, StatementElements elements, bool except)
    {
        if (kind is PolicyKind.Identity or PolicyKind.Session or PolicyKind.Boundary || (kind == PolicyKind.Control && except))
        {
            return reader.Fail("this kind of policy names no principals");
        }

        if (elements.Principals is not null)
        {
            return reader.Fail("Principal and NotPrincipal exclude each other");
        }

        elements.Principals = PrincipalParser.Read(ref reader);
        elements.ExceptPrincipals = except;

        // A control policy for resources has the element, for everybody: it bounds what is possible and grants nobody anything.
        return elements.Principals is not null
            && (kind != PolicyKind.Control || elements.Principals.IsEverybody || reader.Fail("a control policy applies to everybody, \"*\""));
    }

    private bool TryReadActions(ref PolicyReader reader, StatementElements elements, bool except)
    {
        if (elements.Actions is not null)
        {
            return reader.Fail("Action and NotAction exclude each other");
        }

        var values = new List<string>();
        if (!reader.TryReadValues(values, scalars: false))
        {
            return false;
        }

        var patterns = new List<ActionPattern>(values.Count);
        foreach (var value in values)
        {
            if (ActionPattern.Read(value, onlySts: kind == PolicyKind.Trust, out var reason) is not { } pattern)
            {
                return reader.Fail(reason);
            }

            patterns.Add(pattern);
        }

        elements.Actions = [.. patterns];
        elements.ExceptActions = except;
        return true;
    }

    private bool TryReadResources(ref PolicyReader reader, StatementElements elements, bool except)
    {
        if (kind == PolicyKind.Trust)
        {
            return reader.Fail("a trust policy names no resource: it is the role's own");
        }

        if (elements.Resources is not null)
        {
            return reader.Fail("Resource and NotResource exclude each other");
        }

        var values = new List<string>();
        if (!reader.TryReadValues(values, scalars: false))
        {
            return false;
        }

        var patterns = new List<ResourcePattern>(values.Count);
        foreach (var value in values)
        {
            if (ResourcePattern.Read(value, hasVariables, out var reason) is not { } pattern)
            {
                return reader.Fail(reason!);
            }

            patterns.Add(pattern);
        }

        elements.Resources = [.. patterns];
        elements.ExceptResources = except;
        return true;
    }

    private bool TryReadCondition(ref PolicyReader reader, StatementElements elements)
    {
        if (!reader.Expect(JsonTokenType.StartObject, "must be an object of operators"))
        {
            return false;
        }

        var conditions = new List<Condition>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (reader.NextMember(names, out var name))
        {
            if (ConditionName.Read(name) is not { } operatorName)
            {
                return reader.Fail("unknown operator");
            }

            if (!TryReadKeys(ref reader, operatorName, conditions))
            {
                return false;
            }

            reader.Leave();
        }

        elements.Conditions = [.. conditions];
        return reader.Error is null;
    }

    private bool TryReadKeys(ref PolicyReader reader, ConditionName name, List<Condition> conditions)
    {
        if (!reader.Expect(JsonTokenType.StartObject, "must be an object of keys"))
        {
            return false;
        }

        // Key names are compared ignoring case, so two spellings of one key are a duplicate.
        var keys = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (reader.NextMember(keys, out var key))
        {
            if (string.IsNullOrWhiteSpace(key))
            {
                return reader.Fail("a condition key has a name");
            }

            var values = new List<string>();
            if (!reader.TryReadValues(values, scalars: true))
            {
                return false;
            }

            var operands = new List<ConditionOperand>(values.Count);
            foreach (var value in values)
            {
                if (name.Operator.Read(value, hasVariables, out var reason) is not { } operand)
                {
                    return reader.Fail(reason!);
                }

                operands.Add(operand);
            }

            conditions.Add(new Condition(name, new ConditionKey(key), [.. operands], [.. values]));
            reader.Leave();
        }

        return reader.Error is null && (keys.Count > 0 || reader.Fail("an operator has at least one key"));
    }
}
