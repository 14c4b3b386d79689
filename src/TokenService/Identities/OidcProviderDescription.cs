using System.Collections.Immutable;

namespace TokenService;

/// <summary>What is known of an identity provider that many have: its issuer, the audiences of its tokens, and the claims that it offers to trust
/// policies.</summary>
/// <remarks>Source: IAM User Guide, "Available keys for AWS OIDC federation", and the providers' own documentation. A provider whose issuer is one
/// of these gets its description by itself.</remarks>
public sealed record OidcProviderDescription
{
    private const string GoogleIssuer = "https://accounts.google.com";

    /// <summary>What a person calls it.</summary>
    public required string Name { get; init; }

    /// <summary>The issuers, with <c>*</c> for one label of the host or one segment of the path; empty where every installation has its own.</summary>
    public ImmutableArray<string> Issuers { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The audiences that its tokens bear by convention; empty where each application has its own client id.</summary>
    public ImmutableArray<string> Audiences { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The claims that trust policies may ask for as <c>ISSUER:CLAIM</c>, besides <c>aud</c>, <c>oaud</c>, <c>azp</c>, <c>sub</c> and
    /// <c>amr</c>; a claim that users can choose the content of is none of them.</summary>
    public ImmutableArray<string> Claims { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The bare host name by which policies may call it besides its ARN, such as <c>accounts.google.com</c>.</summary>
    public string? BuiltInName { get; init; }

    /// <summary>A second name that policies know <c>aud</c> by, such as <c>app_id</c>.</summary>
    public string? AudienceKey { get; init; }

    /// <summary>A second name that policies know <c>sub</c> by, such as <c>user_id</c>.</summary>
    public string? SubjectKey { get; init; }

    /// <summary>Why no provider can have this issuer; absent where one can.</summary>
    internal string? Refusal { get; init; }

    /// <summary>Google. Its tokens name the issuer with the scheme or without; one provider takes both.</summary>
    public static OidcProviderDescription Google { get; } = new()
    {
        Name = "Google",
        Issuers = [GoogleIssuer],
        Claims = ["email", "email_verified", "hd"],
        BuiltInName = "accounts.google.com",
    };

    /// <summary>Facebook Login in its limited form, which gives ID tokens; the classic one gives opaque tokens, see
    /// <see cref="OAuth2Provider.Facebook"/>.</summary>
    public static OidcProviderDescription FacebookLogin { get; } = new()
    {
        Name = "Facebook Login",
        Issuers = ["https://www.facebook.com", "https://limited.facebook.com"],
        AudienceKey = "app_id",
        SubjectKey = "id",
    };

    /// <summary>Login with Amazon, where it gives ID tokens; its opaque tokens are those of <see cref="OAuth2Provider.Amazon"/>.</summary>
    public static OidcProviderDescription LoginWithAmazon { get; } = new()
    {
        Name = "Login with Amazon",
        Issuers = ["https://www.amazon.com"],
        BuiltInName = "www.amazon.com",
        AudienceKey = "app_id",
        SubjectKey = "user_id",
    };

    /// <summary>Amazon Cognito identity pools; the audience is the pool's id.</summary>
    public static OidcProviderDescription CognitoIdentityPools { get; } = new()
    {
        Name = "Amazon Cognito identity pools",
        Issuers = ["https://cognito-identity.amazonaws.com"],
        BuiltInName = "cognito-identity.amazonaws.com",
    };

    /// <summary>Amazon Cognito user pools. Their access tokens have no audience, so ID tokens alone are accepted.</summary>
    public static OidcProviderDescription CognitoUserPools { get; } = new()
    {
        Name = "Amazon Cognito user pools",
        Issuers = ["https://cognito-idp.*.amazonaws.com/*"],
        Claims = ["cognito:groups", "cognito:username", "email_verified", "token_use"],
    };

    /// <summary>Microsoft Entra ID, one provider a tenant.</summary>
    public static OidcProviderDescription MicrosoftEntra { get; } = new()
    {
        Name = "Microsoft Entra ID",
        Issuers = ["https://login.microsoftonline.com/*/v2.0", "https://sts.windows.net/*/"],
        Claims = ["appid", "groups", "idtyp", "oid", "roles", "tid"],
    };

    /// <summary>GitHub Actions. Everybody's workflows there have this issuer: a trust policy must restrict <c>sub</c>.</summary>
    public static OidcProviderDescription GitHubActions { get; } = new()
    {
        Name = "GitHub Actions",
        Issuers = ["https://token.actions.githubusercontent.com"],
        Audiences = ["sts.amazonaws.com"],
        Claims =
        [
            "actor", "actor_id", "base_ref", "enterprise", "environment", "event_name", "head_ref", "job_workflow_ref", "ref", "ref_type", "repository",
            "repository_id", "repository_owner", "repository_owner_id", "repository_visibility", "runner_environment", "sha", "workflow", "workflow_ref",
        ],
    };

    /// <summary>GitLab's pipelines. An installation of one's own has its own issuer and is given this description by name.</summary>
    public static OidcProviderDescription GitLab { get; } = new()
    {
        Name = "GitLab",
        Issuers = ["https://gitlab.com"],
        Claims =
        [
            "ci_config_ref_uri", "deployment_tier", "environment", "environment_protected", "job_id", "namespace_id", "namespace_path", "pipeline_id",
            "pipeline_source", "project_id", "project_path", "project_visibility", "ref", "ref_protected", "ref_type", "runner_environment", "sha",
            "user_id", "user_login",
        ],
    };

    /// <summary>Kubernetes service accounts. The issuer is what the cluster's discovery says, and is often a private address: give the description
    /// by name, and the keys inline or an <c>HttpClient</c> that trusts the cluster.</summary>
    public static OidcProviderDescription Kubernetes { get; } = new()
    {
        Name = "Kubernetes service accounts",
        Issuers = ["https://oidc.eks.*.amazonaws.com/id/*"],
        Audiences = ["sts.amazonaws.com"],
    };

    /// <summary>All of them.</summary>
    public static ImmutableArray<OidcProviderDescription> All { get; } =
    [
        Google, FacebookLogin, LoginWithAmazon, CognitoIdentityPools, CognitoUserPools, MicrosoftEntra, GitHubActions, GitLab, Kubernetes,
    ];

    /// <summary>Any other provider: every claim of its tokens is offered to trust policies.</summary>
    internal static OidcProviderDescription Any { get; } = new() { Name = "OpenID Connect" };

    /// <summary>Issuers that stand for many tenants at once: their tokens never bear them.</summary>
    private static readonly OidcProviderDescription Common = new()
    {
        Name = "Microsoft Entra ID",
        Issuers =
        [
            "https://login.microsoftonline.com/common/v2.0", "https://login.microsoftonline.com/organizations/v2.0",
            "https://login.microsoftonline.com/consumers/v2.0", "https://login.microsoftonline.com/{tenantid}/v2.0",
            "https://sts.windows.net/common/", "https://sts.windows.net/organizations/", "https://sts.windows.net/{tenantid}/",
        ],
        Refusal = "The endpoint for many tenants has no issuer of its own: describe one provider for each tenant.",
    };

    /// <summary>Finds the description of an issuer.</summary>
    /// <param name="issuer">The issuer, as its tokens name it.</param>
    /// <returns>The description, or <see langword="null"/> where the issuer is nobody's in particular.</returns>
    public static OidcProviderDescription? Find(string issuer)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        foreach (var description in (ReadOnlySpan<OidcProviderDescription>)[Common, .. All])
        {
            foreach (var pattern in description.Issuers)
            {
                if (Matches(pattern, issuer))
                {
                    return description;
                }
            }
        }

        return null;
    }

    /// <summary>The issuer under which a provider is registered whose tokens name another spelling too: Google's alone.</summary>
    internal static string Registered(string issuer) => issuer == "accounts.google.com" ? GoogleIssuer : issuer;

    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> issuer)
    {
        while (pattern.IndexOf('*') is >= 0 and var star)
        {
            if (!issuer.StartsWith(pattern[..star], StringComparison.Ordinal))
            {
                return false;
            }

            issuer = issuer[star..];
            pattern = pattern[(star + 1)..];
            var end = issuer.IndexOfAny('/', pattern.StartsWith(".", StringComparison.Ordinal) ? '.' : '/');
            end = end < 0 ? issuer.Length : end;
            if (end == 0)
            {
                return false;
            }

            issuer = issuer[end..];
        }

        return issuer.SequenceEqual(pattern);
    }
}
