using System.Collections.Frozen;

namespace TokenService.AspNetCore;

/// <summary>The parameters of every operation that the service's model has, offered here or not.</summary>
/// <remarks>A parameter that the model has for some operation is honoured or refused, never ignored: one that would have narrowed a session
/// must not vanish. Parameters that no operation has are ignored, as AWS ignores them. Source: STS service model (2011-06-15) and, for
/// <c>MinimumSessionTokenSize</c>, the API reference; reference 4.</remarks>
internal static class ServiceModel
{
    /// <summary>The one version of the interface.</summary>
    internal const string Version = "2011-06-15";

    /// <summary>How much of a client's own text an error repeats, in characters.</summary>
    internal const int MaxEcho = 128;

    private static readonly FrozenDictionary<string, FrozenDictionary<string, Shape>> Operations =
        new Dictionary<string, Shape[]>(StringComparer.Ordinal)
        {
            ["AssumeRole"] =
            [
                Text("RoleArn"), Text("RoleSessionName"), Text("Policy"), List("PolicyArns", "arn"), Text("DurationSeconds"), List("Tags", "Key", "Value"),
                List("TransitiveTagKeys"), Text("ExternalId"), Text("SerialNumber"), Text("TokenCode"), Text("SourceIdentity"),
                List("ProvidedContexts", "ProviderArn", "ContextAssertion"), Text("MinimumSessionTokenSize"),
            ],
            ["AssumeRoleWithSAML"] =
            [
                Text("RoleArn"), Text("PrincipalArn"), Text("SAMLAssertion"), List("PolicyArns", "arn"), Text("Policy"), Text("DurationSeconds"),
                Text("MinimumSessionTokenSize"),
            ],
            ["AssumeRoleWithWebIdentity"] =
            [
                Text("RoleArn"), Text("RoleSessionName"), Text("WebIdentityToken"), Text("ProviderId"), List("PolicyArns", "arn"), Text("Policy"),
                Text("DurationSeconds"), Text("MinimumSessionTokenSize"),
            ],
            ["AssumeRoot"] =
            [
                Text("TargetPrincipal"), Structure("TaskPolicyArn", "arn"), Text("DurationSeconds"), Text("MinimumSessionTokenSize"),
            ],
            ["DecodeAuthorizationMessage"] = [Text("EncodedMessage")],
            ["GetAccessKeyInfo"] = [Text("AccessKeyId")],
            ["GetCallerIdentity"] = [],
            ["GetDelegatedAccessToken"] = [Text("TradeInToken")],
            ["GetFederationToken"] =
            [
                Text("Name"), Text("Policy"), List("PolicyArns", "arn"), Text("DurationSeconds"), List("Tags", "Key", "Value"),
                Text("MinimumSessionTokenSize"),
            ],
            ["GetSessionToken"] = [Text("DurationSeconds"), Text("SerialNumber"), Text("TokenCode")],
            ["GetWebIdentityToken"] = [List("Audience"), Text("SigningAlgorithm"), Text("DurationSeconds"), List("Tags", "Key", "Value")],
        }.ToFrozenDictionary(
            operation => operation.Key, operation => operation.Value.ToFrozenDictionary(shape => shape.Name, StringComparer.Ordinal), StringComparer.Ordinal);

    private static readonly FrozenSet<string> AllNames =
        Operations.Values.SelectMany(shapes => shapes.Keys).ToFrozenSet(StringComparer.Ordinal);

    private enum Form
    {
        Text,
        Structure,
        List,
    }

    internal static IEnumerable<string> OperationNames => Operations.Keys;

    /// <summary>Looks for parameters that would be overlooked when an operation reads its own.</summary>
    /// <returns>The refusal, or <see langword="null"/>.</returns>
    internal static StsError? Check(string operation, Parameters parameters)
    {
        var shapes = Operations[operation];
        foreach (var name in parameters.Names)
        {
            var dot = name.IndexOf('.', StringComparison.Ordinal);
            var root = dot < 0 ? name : name[..dot];
            if (shapes.TryGetValue(root, out var shape))
            {
                if (!shape.Admits(name, parameters))
                {
                    return StsError.InvalidQueryParameter($"The parameter {Echo(name)} has not the form that {root} takes.");
                }
            }
            else if (AllNames.Contains(root))
            {
                return StsError.InvalidParameterCombination($"The parameter {root} is not one of {operation}.");
            }
        }

        return null;
    }

    /// <summary>A client's text, short enough to stand in an answer.</summary>
    internal static string Echo(string text) => text.Length <= MaxEcho ? text : string.Concat(text.AsSpan(0, MaxEcho), "…");

    private static Shape Text(string name) => new(name, Form.Text, []);

    private static Shape Structure(string name, params string[] fields) => new(name, Form.Structure, fields);

    private static Shape List(string name, params string[] fields) => new(name, Form.List, fields.Length == 0 ? [Parameters.Itself] : fields);

    private sealed record Shape(string Name, Form Form, string[] Fields)
    {
        internal bool Admits(string key, Parameters parameters) => Form switch
        {
            Form.Text => key.Length == Name.Length,
            Form.Structure => key.Length > Name.Length && Fields.Contains(key[(Name.Length + 1)..], StringComparer.Ordinal),

            // SDKs send an empty list as the bare name with an empty value.
            _ => key.Length == Name.Length
                ? parameters.Text(key) is ""
                : Parameters.TryReadMember(key, Name, out _, out var field) && (Fields.Contains(field, StringComparer.Ordinal) || IsUnknown(field)),
        };

        // Members that no structure has are ignored like unknown parameters; a bare value where a structure belongs is not, nor is a known
        // field in other letters.
        private bool IsUnknown(string field) =>
            field != Parameters.Itself && Fields[0] != Parameters.Itself && !Fields.Contains(field, StringComparer.OrdinalIgnoreCase);
    }
}
