using System.Text.Json.Nodes;

namespace TokenService.Testing;

/// <summary>Policies of one statement, for tests that need one and have nothing to say about it. What a host really uses is better tested as it is
/// written: <see cref="PolicyDocument.Parse(string, PolicyKind)"/> reads it.</summary>
public static class TestPolicy
{
    /// <summary>An identity policy that allows actions on every resource.</summary>
    /// <param name="actions">The actions, such as <c>reports:Read</c>.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="FormatException">An action has not the form of one.</exception>
    public static PolicyDocument Allow(params IEnumerable<string> actions)
    {
        var statement = Statement(actions);
        statement["Resource"] = "*";
        return Parse(statement, PolicyKind.Identity);
    }

    /// <summary>A trust policy that lets a user assume a role.</summary>
    /// <param name="user">The user.</param>
    /// <returns>The policy.</returns>
    public static PolicyDocument Trust(User user)
    {
        ArgumentNullException.ThrowIfNull(user);
        var statement = Statement(["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]);
        statement["Principal"] = new JsonObject { ["AWS"] = user.Arn.ToString() };
        return Parse(statement, PolicyKind.Trust);
    }

    /// <summary>A trust policy that lets users of an OpenID provider assume a role.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="subjects">The <c>sub</c> of each of the users.</param>
    /// <returns>The policy.</returns>
    public static PolicyDocument Trust(OidcProvider provider, params IEnumerable<string> subjects)
    {
        ArgumentNullException.ThrowIfNull(provider);
        var statement = Statement(["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"]);
        statement["Principal"] = new JsonObject { ["Federated"] = provider.Arn.ToString() };
        var issuer = provider.Arn.Resource["oidc-provider/".Length..];
        statement["Condition"] = new JsonObject { ["StringEquals"] = new JsonObject { [$"{issuer}:sub"] = Texts(subjects) } };
        return Parse(statement, PolicyKind.Trust);
    }

    /// <summary>A trust policy that lets users of a SAML provider assume a role.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="subjects">The <c>NameID</c> of each of the users.</param>
    /// <returns>The policy.</returns>
    public static PolicyDocument Trust(SamlProvider provider, params IEnumerable<string> subjects)
    {
        ArgumentNullException.ThrowIfNull(provider);
        var statement = Statement(["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]);
        statement["Principal"] = new JsonObject { ["Federated"] = provider.Arn.ToString() };
        statement["Condition"] = new JsonObject { ["StringEquals"] = new JsonObject { ["saml:sub"] = Texts(subjects) } };
        return Parse(statement, PolicyKind.Trust);
    }

    private static JsonObject Statement(IEnumerable<string> actions) => new() { ["Effect"] = "Allow", ["Action"] = Texts(actions) };

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);

    private static PolicyDocument Parse(JsonObject statement, PolicyKind kind) =>
        PolicyDocument.Parse(new JsonObject { ["Version"] = "2012-10-17", ["Statement"] = statement }.ToJsonString(), kind);
}
