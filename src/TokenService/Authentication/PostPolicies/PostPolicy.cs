using System.Text.Json;
using NodaTime;
using NodaTime.Text;

namespace TokenService;

/// <summary>What a signer allows a form to be: until when, and under which conditions on its fields and its file.</summary>
/// <remarks>Source: S3 API Reference, "POST Policy". Read when its signature was found right, and not before.</remarks>
internal sealed class PostPolicy
{
    private const int MaxConditions = 100;

    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    private readonly List<Condition> _conditions = [];

    private PostPolicy(Instant expiration) => Expiration = expiration;

    private enum Match
    {
        Exact,
        Prefix,
    }

    /// <summary>When the policy ends, exclusive.</summary>
    internal Instant Expiration { get; }

    /// <summary>The fewest bytes that the file may have.</summary>
    internal long MinLength { get; private set; }

    /// <summary>The most.</summary>
    internal long MaxLength { get; private set; } = long.MaxValue;

    /// <returns>The policy, or <c>InvalidPolicyDocument</c>.</returns>
    internal static StsResult<PostPolicy> Parse(string base64)
    {
        try
        {
            using var document = JsonDocument.Parse(Convert.FromBase64String(base64), Json);
            return Read(document.RootElement);
        }
        catch (Exception malformed) when (malformed is FormatException or JsonException or InvalidOperationException)
        {
            // The last is what a text with half a character in it throws when it is read.
            return Invalid("it is not base64 of a JSON document");
        }
    }

    /// <summary>Holds a form against the conditions.</summary>
    /// <param name="fields">The form's fields, the bucket among them, and the key in its final form.</param>
    /// <returns>The refusal, where a condition is not met or a field has none.</returns>
    internal StsError? Check(IReadOnlyDictionary<string, string> fields)
    {
        var covered = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var condition in _conditions)
        {
            if (!fields.TryGetValue(condition.Field, out var value) || !condition.IsMetBy(value))
            {
                return StsError.AccessDenied($"Invalid according to Policy: Policy Condition failed: {condition}");
            }

            covered.Add(condition.Field);
        }

        foreach (var name in fields.Keys)
        {
            if (!covered.Contains(name) && !NeedsNoCondition(name))
            {
                return StsError.AccessDenied($"Invalid according to Policy: Extra input fields: {name}");
            }
        }

        return null;
    }

    private static bool NeedsNoCondition(string name) =>
        name.Equals("policy", StringComparison.OrdinalIgnoreCase) || name.Equals("x-amz-signature", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("x-ignore-", StringComparison.OrdinalIgnoreCase);

    private static StsResult<PostPolicy> Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("expiration", out var expiration) || expiration.ValueKind != JsonValueKind.String
            || !InstantPattern.ExtendedIso.Parse(expiration.GetString()!).TryGetValue(Instant.MinValue, out var until))
        {
            return Invalid("expiration must be a time in ISO 8601, such as 2026-01-02T03:04:05Z");
        }

        if (!root.TryGetProperty("conditions", out var conditions) || conditions.ValueKind != JsonValueKind.Array || conditions.GetArrayLength() > MaxConditions
            || root.EnumerateObject().Any(property => property.Name is not ("expiration" or "conditions")))
        {
            return Invalid($"beside expiration there must be conditions, {MaxConditions} at most, and nothing else");
        }

        var policy = new PostPolicy(until);
        foreach (var condition in conditions.EnumerateArray())
        {
            if (!policy.TryAdd(condition))
            {
                return Invalid("a condition is neither an exact value, nor eq, starts-with or content-length-range");
            }
        }

        return policy;
    }

    private bool TryAdd(JsonElement condition)
    {
        if (condition.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in condition.EnumerateObject())
            {
                if (property.Value.ValueKind != JsonValueKind.String)
                {
                    return false;
                }

                _conditions.Add(new Condition(Match.Exact, property.Name, property.Value.GetString()!));
            }

            return true;
        }

        if (condition.ValueKind != JsonValueKind.Array || condition.GetArrayLength() != 3 || condition[0].ValueKind != JsonValueKind.String)
        {
            return false;
        }

        return condition[0].GetString()!.ToLowerInvariant() switch
        {
            "eq" => TryAdd(Match.Exact, condition[1], condition[2]),
            "starts-with" => TryAdd(Match.Prefix, condition[1], condition[2]),
            "content-length-range" => TryNarrow(condition[1], condition[2]),
            _ => false,
        };
    }

    private bool TryAdd(Match match, JsonElement field, JsonElement value)
    {
        if (field.ValueKind != JsonValueKind.String || value.ValueKind != JsonValueKind.String || field.GetString() is not ['$', _, ..] name)
        {
            return false;
        }

        _conditions.Add(new Condition(match, name[1..], value.GetString()!));
        return true;
    }

    private bool TryNarrow(JsonElement from, JsonElement to)
    {
        if (!TryReadLength(from, out var min) || !TryReadLength(to, out var max) || min > max)
        {
            return false;
        }

        MinLength = Math.Max(MinLength, min);
        MaxLength = Math.Min(MaxLength, max);
        return true;
    }

    /// <summary>Clients write lengths as numbers and as texts.</summary>
    private static bool TryReadLength(JsonElement element, out long length)
    {
        length = 0;
        return element.ValueKind switch
        {
            JsonValueKind.Number => element.TryGetInt64(out length) && length >= 0,
            JsonValueKind.String => long.TryParse(
                element.GetString(), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out length),
            _ => false,
        };
    }

    private static StsError Invalid(string reason) => StsError.InvalidPolicyDocument($"Invalid Policy: {reason}.");

    private sealed record Condition(Match Match, string Field, string Value)
    {
        internal bool IsMetBy(string value) =>
            Match == Match.Exact ? value == Value

            // A list of media types is as good as its worst.
            : Field.Equals("Content-Type", StringComparison.OrdinalIgnoreCase) && value.Contains(',', StringComparison.Ordinal)
                ? value.Split(',').All(type => type.Trim(' ').StartsWith(Value, StringComparison.Ordinal))
            : value.StartsWith(Value, StringComparison.Ordinal);

        public override string ToString() => $"[\"{(Match == Match.Exact ? "eq" : "starts-with")}\", \"${Field}\", \"{Value}\"]";
    }
}
