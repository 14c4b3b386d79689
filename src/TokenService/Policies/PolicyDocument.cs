using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace TokenService;

/// <summary>A policy in the IAM policy language, read once and compiled: evaluation has no error to skip and may run on any thread.</summary>
/// <remarks>Source: IAM User Guide, "Grammar of the IAM JSON policy language". Read strictly: what is not in the grammar, a duplicate key or a
/// value that cannot be read is refused with <c>MalformedPolicyDocument</c>, place and reason.</remarks>
public sealed class PolicyDocument
{
    private PolicyDocument(string text, PolicyKind kind, string? id, ImmutableArray<PolicyStatement> statements)
    {
        Text = text;
        Kind = kind;
        Id = id;
        Statements = statements;
        PrincipalArns = [.. statements.SelectMany(statement => statement.PrincipalArns).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The policy exactly as it was read.</summary>
    public string Text { get; }

    /// <summary>What it was read as.</summary>
    public PolicyKind Kind { get; }

    /// <summary>The <c>Id</c> element, where there is one.</summary>
    public string? Id { get; }

    /// <summary>The statements in the order of the text, at least one; the order does not matter to a decision.</summary>
    public ImmutableArray<PolicyStatement> Statements { get; }

    /// <summary>The users, roles and sessions named as AWS principals, each ARN once: what a store can pin to unique ids.</summary>
    internal ImmutableArray<string> PrincipalArns { get; }

    /// <summary>Reads a policy within the default size of its kind.</summary>
    /// <param name="text">The JSON text.</param>
    /// <param name="kind">What it is read as.</param>
    /// <param name="document">The policy, when the answer is <see langword="true"/>.</param>
    /// <param name="error">The refusal, <c>MalformedPolicyDocument</c>, when the answer is <see langword="false"/>.</param>
    /// <returns>Whether the text is such a policy. No text makes this throw.</returns>
    public static bool TryParse(
        string? text, PolicyKind kind, [NotNullWhen(true)] out PolicyDocument? document, [NotNullWhen(false)] out StsError? error) =>
        TryParse(text, kind, PolicyLimits.DefaultSize(kind), out document, out error);

    /// <summary>Reads a policy within a size of the host's choice.</summary>
    /// <param name="text">The JSON text; above 131,072 characters it is refused whatever the size.</param>
    /// <param name="kind">What it is read as.</param>
    /// <param name="maxCharacters">The greatest size in characters, white space outside strings not counted.</param>
    /// <param name="document">The policy, when the answer is <see langword="true"/>.</param>
    /// <param name="error">The refusal, <c>MalformedPolicyDocument</c>, when the answer is <see langword="false"/>.</param>
    /// <returns>Whether the text is such a policy. No text makes this throw.</returns>
    public static bool TryParse(
        string? text,
        PolicyKind kind,
        int maxCharacters,
        [NotNullWhen(true)] out PolicyDocument? document,
        [NotNullWhen(false)] out StsError? error)
    {
        document = null;
        if (!PolicyParser.TryParse(text, kind, maxCharacters, out var parsed, out var reason))
        {
            error = StsError.MalformedPolicyDocument(reason);
            return false;
        }

        error = null;
        document = new PolicyDocument(text!, kind, parsed.Id, parsed.Statements);
        return true;
    }

    /// <summary>Reads a policy that is known to be good, such as a literal in a host's own code.</summary>
    /// <param name="text">The JSON text.</param>
    /// <param name="kind">What it is read as.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="FormatException">The text is not such a policy; the message says where and why.</exception>
    public static PolicyDocument Parse(string text, PolicyKind kind) =>
        TryParse(text, kind, out var document, out var error) ? document : throw new FormatException(error.Message);

    /// <summary>The policy in one canonical spelling, for comparing and storing: no white space, elements in the order of the grammar, every value
    /// in a list. Read again, it decides every request as this one does.</summary>
    /// <returns>The JSON text.</returns>
    public override string ToString() => PolicyPrinter.Print(Text);
}
