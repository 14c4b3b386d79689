using System.Collections.Immutable;
using static TokenService.Tests.Authorization.Deciding;

namespace TokenService.Tests.Policies;

/// <summary>Section 5 of the reference, and the names of sts.md 6.3.</summary>
public sealed class PrincipalTests
{
    [Theory]
    [InlineData("AWS", "111122223333", true)]
    [InlineData("AWS", "arn:aws:iam::111122223333:root", true)]
    [InlineData("AWS", "arn:aws:iam::111122223333:user/path/alice", true)]
    [InlineData("AWS", "arn:aws-cn:sts::111122223333:assumed-role/r/s", true)]
    [InlineData("AWS", "arn:aws:sts::111122223333:federated-user/dana", true)]
    [InlineData("AWS", "AIDAJQABLZS4A3QDU576Q", true)]
    [InlineData("AWS", "AROAJQABLZS4A3QDU576Q:session", true)]
    [InlineData("AWS", "AGPAJQABLZS4A3QDU576Q", false)]
    [InlineData("AWS", "AIDAJQABLZS4A3QDU576Q:session", false)]
    [InlineData("AWS", "arn:aws:iam::111122223333:user/", false)]
    [InlineData("AWS", "arn:aws:iam::111122223333:user/*", false)]
    [InlineData("AWS", "arn:aws:iam::111122223333:role/x?", false)]
    [InlineData("AWS", "arn:aws:iam::111122223333:group/g", false)]
    [InlineData("AWS", "arn:aws:sts::111122223333:assumed-role/r", false)]
    [InlineData("AWS", "arn:aws:sts::111122223333:assumed-role/path/r/s", false)]
    [InlineData("AWS", "arn:aws:iam:eu-west-1:111122223333:root", false)]
    [InlineData("AWS", "arn:a*:iam::111122223333:root", false)]
    [InlineData("AWS", "arn:aws:iam::11112222333:root", false)]
    [InlineData("AWS", "arn:aws:s3:::bucket", false)]
    [InlineData("Federated", "arn:aws:iam::111122223333:saml-provider/corp", true)]
    [InlineData("Federated", "arn:aws:iam::111122223333:oidc-provider/oidc.example/id/A", true)]
    [InlineData("Federated", "accounts.google.com", true)]
    [InlineData("Federated", "arn:aws:iam::111122223333:oidc-provider/*", false)]
    [InlineData("Federated", "arn:aws:iam::111122223333:user/alice", false)]
    [InlineData("Federated", "corp", false)]
    [InlineData("Federated", "*", false)]
    [InlineData("Service", "ec2.amazonaws.com", true)]
    [InlineData("Service", "jobs.internal-1.example", true)]
    [InlineData("Service", "*.amazonaws.com", false)]
    [InlineData("Service", "ec2", false)]
    [InlineData("Service", "-ec2.amazonaws.com", false)]
    [InlineData("CanonicalUser", "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be", true)]
    [InlineData("CanonicalUser", "79a59df9", false)]
    [InlineData("aws", "*", false)]
    public void A_principal_has_one_of_the_forms(string type, string name, bool accepted) =>
        PolicyDocument.TryParse(
            $$"""{"Statement":{"Effect":"Allow","Principal":{"{{type}}":"{{name}}"},"Action":"sts:AssumeRole"} }""", PolicyKind.Trust, out _, out _)
            .Should().Be(accepted);

    [Fact]
    public void PrincipalArns_are_the_named_identities_each_once()
    {
        var document = Document(
            PolicyKind.Resource,
            Grant(Aws($"arn:aws:iam::{A}:user/x", A, $"arn:aws:iam::{A}:root", "AIDAJQABLZS4A3QDU576Q", $"arn:aws:iam::{A}:role/p/r")),
            Grant(Aws($"arn:aws:iam::{A}:user/x", "*"), "Deny", "NotPrincipal"),
            Grant("""{"Service":"ec2.amazonaws.com"}"""));
        document.PrincipalArns.Should().Equal($"arn:aws:iam::{A}:user/x", $"arn:aws:iam::{A}:role/p/r");
        Document(PolicyKind.Identity, Allow("*")).PrincipalArns.Should().BeEmpty();
    }

    public static TheoryData<string, string, string> Names => new()
    {
        { "root", $"arn:aws:iam::{A}:root", "Direct" },
        { "root", A, "Direct" },
        { "root", "*", "Direct" },
        { "user", $"arn:aws:iam::{A}:user/alice", "Direct" },
        { "user", "AIDAALICE00000000001", "Direct" },
        { "user", "*", "Direct" },
        { "user", A, "Delegation" },
        { "user", $"arn:aws:iam::{A}:root", "Delegation" },
        { "user", $"arn:aws-cn:iam::{A}:root", "None" },
        { "user", $"arn:aws:iam::{A}:user/Alice", "None" },
        { "user", B, "None" },
        { "session", $"arn:aws:sts::{A}:assumed-role/c/s1", "Direct" },
        { "session", "AROAROLEC00000000001:s1", "Direct" },
        { "session", "*", "Direct" },
        { "session", $"arn:aws:iam::{A}:role/team/c", "LimitedDirect" },
        { "session", "AROAROLEC00000000001", "LimitedDirect" },
        { "session", $"arn:aws:iam::{A}:role/c", "None" },
        { "session", A, "Delegation" },
        { "session", "AROAROLEC00000000001:s2", "None" },
        { "federated", $"arn:aws:sts::{A}:federated-user/dana", "Direct" },
        { "federated", "*", "Direct" },
        { "federated", $"arn:aws:iam::{A}:user/maker", "LimitedDirect" },
        { "federated", A, "Delegation" },
        { "anonymous", "*", "Direct" },
        { "anonymous", A, "None" },
        { "saml", "*", "None" },
        { "saml", A, "None" },
        { "service", "*", "None" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void A_caller_is_called_by_its_names_and_each_has_its_weight(string caller, string name, string naming)
    {
        var statement = Document(PolicyKind.Resource, Grant(Aws(name))).Statements[0];
        statement.Names(Caller(caller), null).ToString().Should().Be(naming);
    }

    [Fact]
    public void Providers_and_services_are_called_by_their_own_elements_only()
    {
        const string corp = $"arn:aws:iam::{A}:saml-provider/corp";
        Naming("saml", $$"""{"Federated":"{{corp}}"}""").Should().Be(PrincipalNaming.Direct);
        Naming("saml", $$"""{"Federated":"{{corp}}2"}""").Should().Be(PrincipalNaming.None);
        Naming("service", """{"Service":"ec2.amazonaws.com"}""").Should().Be(PrincipalNaming.Direct);
        Naming("user", """{"Service":"ec2.amazonaws.com"}""").Should().Be(PrincipalNaming.None);

        static PrincipalNaming Naming(string caller, string principal) =>
            Document(PolicyKind.Resource, Grant(principal)).Statements[0].Names(Caller(caller), null);
    }

    [Theory]
    [InlineData("anonymous")]
    [InlineData("saml")]
    [InlineData("service")]
    [InlineData("session")]
    public void A_Deny_for_everybody_spares_nobody(string caller)
    {
        Document(PolicyKind.Resource, Grant("\"*\"", "Deny")).Statements[0].Names(Caller(caller), null).Should().Be(PrincipalNaming.Direct);
        Document(PolicyKind.Resource, Grant(Aws(B), "Deny", "NotPrincipal")).Statements[0].Names(Caller(caller), null).Should().Be(PrincipalNaming.Direct);
    }

    [Fact]
    public void A_pinned_name_is_the_callers_only_with_the_pinned_id()
    {
        var statement = Document(PolicyKind.Resource, Grant(Aws($"arn:aws:iam::{A}:user/alice"))).Statements[0];
        var pins = ImmutableDictionary<string, string>.Empty.Add($"arn:aws:iam::{A}:user/alice", "AIDAALICE00000000001");
        statement.Names(Alice, pins).Should().Be(PrincipalNaming.Direct);
        statement.Names(User(A, "alice", "AIDAALICE00000000002"), pins).Should().Be(PrincipalNaming.None);
        statement.Names(User(A, "alice"), pins).Should().Be(PrincipalNaming.None);
        statement.Names(User(A, "alice", "AIDAALICE00000000002"), pins.Clear()).Should().Be(PrincipalNaming.Direct);
    }

    [Fact]
    public void A_pinned_role_is_known_by_its_id_and_never_spared_as_a_namesake()
    {
        var pins = ImmutableDictionary<string, string>.Empty.Add($"arn:aws:iam::{A}:role/team/c", "AROAROLEC00000000001");
        var named = Aws($"arn:aws:iam::{A}:role/team/c", $"arn:aws:sts::{A}:assumed-role/c/s1", A);
        var allow = Document(PolicyKind.Resource, Grant(Aws($"arn:aws:iam::{A}:role/team/c"))).Statements[0];
        var deny = Document(PolicyKind.Resource, Grant(named, "Deny", "NotPrincipal")).Statements[0];
        allow.Names(Session(), pins).Should().Be(PrincipalNaming.LimitedDirect);
        allow.Names(Session(id: "AROAROLEC00000000002"), pins).Should().Be(PrincipalNaming.None);
        deny.Names(Session(), pins).Should().Be(PrincipalNaming.None);
        deny.Names(Session(id: "AROAROLEC00000000002"), pins).Should().Be(PrincipalNaming.Direct);
    }

    [Fact]
    public void NotPrincipal_with_Allow_is_for_everybody_else_anonymous_callers_too()
    {
        var statement = Document(PolicyKind.Resource, Grant(Aws($"arn:aws:iam::{A}:user/alice"), "Allow", "NotPrincipal")).Statements[0];
        statement.Names(Alice, null).Should().Be(PrincipalNaming.None);
        statement.Names(User(A, "bob"), null).Should().Be(PrincipalNaming.Direct);
        statement.Names(RequestPrincipal.Anonymous, null).Should().Be(PrincipalNaming.Direct);
        statement.Names(Caller("service"), null).Should().Be(PrincipalNaming.None);
    }

    private static RequestPrincipal Caller(string kind) => kind switch
    {
        "root" => RequestPrincipal.Root(Arn.Root("aws", A)),
        "user" => Alice,
        "session" => Session(),
        "federated" => RequestPrincipal.FederatedUser(
            Arn.Parse($"arn:aws:sts::{A}:federated-user/dana"), Arn.Parse($"arn:aws:iam::{A}:user/maker"), null),
        "saml" => RequestPrincipal.Provider($"arn:aws:iam::{A}:saml-provider/corp"),
        "service" => RequestPrincipal.Service("ec2.amazonaws.com"),
        _ => RequestPrincipal.Anonymous,
    };
}
