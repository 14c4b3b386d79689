using System.Collections.Immutable;
using static TokenService.Tests.Authorization.Deciding;

namespace TokenService.Tests.Authorization;

/// <summary>Section 6 of the policy reference, and sts.md 6.3, 6.4 and 6.9.</summary>
public sealed class PolicyEvaluatorTests
{
    private const DecisionOutcome Allowed = DecisionOutcome.Allow;
    private const DecisionOutcome Denied = DecisionOutcome.ImplicitDeny;
    private const DecisionOutcome Forbidden = DecisionOutcome.ExplicitDeny;
    private const string RoleC = $"arn:aws:iam::{A}:role/team/c";
    private const string SessionC = $"arn:aws:sts::{A}:assumed-role/c/s1";
    private const string UserX = $"arn:aws:iam::{A}:user/x";

    private static readonly RequestPrincipal Root = RequestPrincipal.Root(Arn.Root("aws", A));

    private static readonly RequestPrincipal Dana = RequestPrincipal.FederatedUser(
        Arn.Parse($"arn:aws:sts::{A}:federated-user/dana"), Arn.Parse($"arn:aws:iam::{A}:user/maker"), null);

    private static readonly RequestPrincipal DanaOfRoot = RequestPrincipal.FederatedUser(
        Arn.Parse($"arn:aws:sts::{A}:federated-user/dana"), null, null);

    private static RequestPrincipal X(string? id = null) => User(A, "x", id);

    [Fact]
    public void Case_1_the_account_is_trusted_and_the_user_may_not() =>
        Assume(Aws($"arn:aws:iam::{A}:root"), X()).Outcome.Should().Be(Denied);

    [Fact]
    public void Case_1_the_account_is_trusted_and_the_user_may() =>
        Assume(Aws($"arn:aws:iam::{A}:root"), X(), identity: [Allow("sts:AssumeRole")]).Outcome.Should().Be(Allowed);

    [Fact]
    public void Case_2_a_user_that_is_trusted_by_name_needs_no_policies() => Assume(Aws(UserX), X()).Outcome.Should().Be(Allowed);

    [Fact]
    public void Case_3_an_explicit_deny_beats_a_name() =>
        Assume(Aws(UserX), X(), identity: [Deny("sts:AssumeRole")]).Outcome.Should().Be(Forbidden);

    [Fact]
    public void Case_4_a_boundary_does_not_cap_a_grant_to_a_user_by_name() =>
        Assume(Aws(UserX), X(), boundary: [Allow("s3:*")]).Outcome.Should().Be(Allowed);

    [Fact]
    public void Case_5_a_session_policy_caps_a_grant_to_the_role() =>
        Assume(Aws(RoleC), Session(), session: [Allow("s3:*")]).Outcome.Should().Be(Denied);

    [Fact]
    public void Case_5_a_boundary_caps_a_grant_to_the_role() =>
        Assume(Aws(RoleC), Session(), boundary: [Allow("s3:*")]).Outcome.Should().Be(Denied);

    [Fact]
    public void Case_5_without_caps_a_grant_to_the_role_is_enough() => Assume(Aws(RoleC), Session()).Outcome.Should().Be(Allowed);

    [Fact]
    public void Case_6_a_grant_to_the_session_itself_is_not_capped() =>
        Assume(Aws(SessionC), Session(), session: [Allow("s3:*")], boundary: [Allow("s3:*")]).Outcome.Should().Be(Allowed);

    [Fact]
    public void Case_7_everybody_is_a_direct_grant_at_home_and_half_of_one_abroad()
    {
        Assume("\"*\"", X()).Outcome.Should().Be(Allowed);
        Assume("\"*\"", User(B, "y")).Outcome.Should().Be(Denied);
        Assume("\"*\"", User(B, "y"), identity: [Allow("sts:AssumeRole")]).Outcome.Should().Be(Allowed);
    }

    [Theory]
    [InlineData(null, Denied)]
    [InlineData("wrong", Denied)]
    [InlineData("e-1", Allowed)]
    public void Case_8_an_external_id_has_to_be_the_right_one(string? externalId, DecisionOutcome outcome) =>
        Assume(
            Aws($"arn:aws:iam::{B}:root"),
            User(B, "y"),
            identity: [Allow("sts:AssumeRole")],
            condition: Operator("StringEquals", "sts:ExternalId", "e-1"),
            context: externalId is null ? null : TableContext.Of(("sts:ExternalId", [externalId]))).Outcome.Should().Be(outcome);

    [Fact]
    public void Case_9_a_role_does_not_trust_itself() =>
        Assume(Aws(UserX), Session(role: "target"), identity: [Allow("*")]).Outcome.Should().Be(Denied);

    [Fact]
    public void Case_11_trust_for_AssumeRole_is_none_for_TagSession() =>
        Assume(Aws(UserX), X(), identity: [Allow("*")], action: "sts:TagSession").Outcome.Should().Be(Denied);

    [Fact]
    public void Case_12_a_deny_in_the_trust_policy_beats_everything() =>
        Assume(
            Aws(UserX), X(), identity: [Allow("*")], more: ["""{"Effect":"Deny","Principal":"*","Action":"sts:*"}"""]).Outcome.Should().Be(Forbidden);

    [Fact]
    public void Case_13_a_user_made_again_under_the_same_name_is_not_trusted()
    {
        var pins = ImmutableDictionary<string, string>.Empty.Add(UserX, "AIDAUSERX00000000001");
        Assume(Aws(UserX), X("AIDAUSERX00000000001"), pinned: pins).Outcome.Should().Be(Allowed);
        Assume(Aws(UserX), X("AIDAUSERX00000000002"), pinned: pins).Outcome.Should().Be(Denied);
    }

    [Fact]
    public void The_trust_policy_always_has_to_allow()
    {
        Assume(Aws(B), X(), identity: [Allow("*")]).Outcome.Should().Be(Denied);
        Assume(Aws(B), Root).Outcome.Should().Be(Denied);
    }

    [Theory]
    [InlineData(PolicyKind.Identity)]
    [InlineData(PolicyKind.Boundary)]
    [InlineData(PolicyKind.Session)]
    [InlineData(PolicyKind.Resource)]
    [InlineData(PolicyKind.Control)]
    public void An_explicit_deny_counts_in_each_place_and_in_whatever_order(PolicyKind place)
    {
        foreach (var reversed in new[] { false, true })
        {
            Decide(Everywhere(place, reversed), Session()).Outcome.Should().Be(Forbidden);
        }

        Decide(Everywhere(null, false), Session()).Outcome.Should().Be(Allowed);

        static ApplicablePolicies Everywhere(PolicyKind? place, bool reversed)
        {
            string[] Of(PolicyKind kind, string allow, string deny) => kind != place ? [allow] : reversed ? [deny, allow] : [allow, deny];
            return new ApplicablePolicies
            {
                Identity = [Identity(Of(PolicyKind.Identity, Allow("*"), Deny("s3:*")))],
                Boundary = Named(PolicyKind.Boundary, Of(PolicyKind.Boundary, Allow("*"), Deny("s3:*"))),
                HasSessionPolicies = true,
                Session = [Named(PolicyKind.Session, Of(PolicyKind.Session, Allow("*"), Deny("s3:*")))],
                Control = [Named(PolicyKind.Control, Of(PolicyKind.Control, Allow("*"), Deny("s3:*")))],
                Resource = Document(PolicyKind.Resource, Of(PolicyKind.Resource, Grant(Aws(SessionC)), Grant("\"*\"", "Deny"))),
            };
        }
    }

    [Fact]
    public void A_boundary_and_a_session_policy_only_take_away()
    {
        Decide(new ApplicablePolicies { Identity = [Identity(Allow("s3:*"))], Boundary = Named(PolicyKind.Boundary, Allow("ec2:*")) })
            .Outcome.Should().Be(Denied);
        Decide(WithSession([Allow("s3:*")], Allow("*")), Session()).Outcome.Should().Be(Allowed);
        Decide(WithSession([Allow("ec2:*")], Allow("*")), Session()).Outcome.Should().Be(Denied, "the session policy names more than the role has");
        Decide(WithSession([Allow("s3:*")]), Session()).Outcome.Should().Be(Denied, "an empty set of session policies allows nothing");
    }

    [Fact]
    public void Session_policies_are_one_set()
    {
        var policies = new ApplicablePolicies
        {
            Identity = [Identity(Allow("*"))],
            HasSessionPolicies = true,
            Session = [Named(PolicyKind.Session, Allow("ec2:*")), Named(PolicyKind.Session, Allow("s3:*"))],
        };
        Decide(policies, Session()).Outcome.Should().Be(Allowed);
        Decide(policies, Session(), "sqs:SendMessage").Outcome.Should().Be(Denied);
    }

    [Fact]
    public void A_resource_policy_that_names_the_session_is_enough_while_the_session_policy_says_nothing()
    {
        Decide(Capped(Grant(Aws(SessionC))), Session()).Outcome.Should().Be(Allowed);
        Decide(Capped(Grant(Aws(RoleC))), Session()).Outcome.Should().Be(Denied);
        Decide(Capped(Grant(Aws(A))), Session()).Outcome.Should().Be(Denied);
        Decide(Capped(Grant("\"*\"")), Session()).Outcome.Should().Be(Allowed);

        static ApplicablePolicies Capped(string grant) => new()
        {
            HasSessionPolicies = true,
            Session = [Named(PolicyKind.Session, Allow("ec2:*"))],
            Resource = Document(PolicyKind.Resource, grant),
        };
    }

    [Fact]
    public void The_greatest_naming_counts_whatever_the_order_of_statements()
    {
        string[] grants = [Grant(Aws(A)), Grant(Aws(RoleC)), Grant(Aws(SessionC))];
        foreach (var order in new[] { grants, [.. grants.Reverse()] })
        {
            Decide(new ApplicablePolicies { Boundary = Named(PolicyKind.Boundary, Allow("ec2:*")), Resource = Document(PolicyKind.Resource, order) }, Session())
                .Outcome.Should().Be(Allowed);
        }
    }

    [Fact]
    public void Across_accounts_both_sides_have_to_allow_however_directly_the_caller_is_named()
    {
        var grant = Document(PolicyKind.Resource, Grant(Aws($"arn:aws:iam::{A}:user/alice")));
        Decide(new ApplicablePolicies { Resource = grant }, owner: B).Outcome.Should().Be(Denied);
        Decide(new ApplicablePolicies { Identity = [Identity(Allow("*"))] }, owner: B).Outcome.Should().Be(Denied);
        Decide(new ApplicablePolicies { Identity = [Identity(Allow("*"))], Resource = grant }, owner: B).Outcome.Should().Be(Allowed);
        Decide(
            new ApplicablePolicies { Identity = [Identity(Allow("*"))], Boundary = Named(PolicyKind.Boundary, Allow("ec2:*")), Resource = grant },
            owner: B).Outcome.Should().Be(Denied);
    }

    [Theory]
    [InlineData(null, $"arn:aws:sqs:eu-west-1:{B}:q", Denied)]
    [InlineData(null, $"arn:aws:sqs:eu-west-1:{A}:q", Allowed)]
    [InlineData(null, "arn:aws:s3:::b", Allowed)]
    [InlineData(B, "arn:aws:s3:::b", Denied)]
    [InlineData(null, "*", Allowed)]
    public void The_owner_of_a_resource_is_the_one_told_or_the_one_in_its_arn(string? owner, string resource, DecisionOutcome outcome) =>
        Decide(new ApplicablePolicies { Identity = [Identity(Allow("*"))] }, owner: owner, resource: resource).Outcome.Should().Be(outcome);

    [Fact]
    public void Root_may_everything_at_home_but_for_control_and_resource_policies()
    {
        Decide(default, Root).Outcome.Should().Be(Allowed);
        Decide(default, Root, owner: B).Outcome.Should().Be(Denied);
        Decide(new ApplicablePolicies { Identity = [Identity(Deny("*"))] }, Root).Outcome.Should().Be(Allowed);
        Decide(new ApplicablePolicies { Control = [Named(PolicyKind.Control, Allow("ec2:*"))] }, Root).Outcome.Should().Be(Denied);
        Decide(new ApplicablePolicies { Resource = Document(PolicyKind.Resource, Grant(Aws(A), "Deny")) }, Root).Outcome.Should().Be(Forbidden);
        Decide(new ApplicablePolicies { Resource = Document(PolicyKind.Resource, Grant(Aws(A))) }, Root, owner: B).Outcome.Should().Be(Allowed);
    }

    [Fact]
    public void A_session_of_root_is_bound_by_its_policies_even_where_root_is_named()
    {
        Decide(WithSession([], Allow("s3:GetBucketPolicy")), Root, "s3:GetBucketPolicy").Outcome.Should().Be(Allowed);
        Decide(WithSession([], Allow("s3:GetBucketPolicy")), Root).Outcome.Should().Be(Denied);
        var named = WithSession([], Allow("ec2:*"), Document(PolicyKind.Resource, Grant(Aws(A))));
        Decide(named, Root).Outcome.Should().Be(Denied);
    }

    [Fact]
    public void A_federated_user_has_what_its_maker_and_its_session_policy_both_allow()
    {
        Decide(new ApplicablePolicies { Identity = [Identity(Allow("*"))] }, Dana).Outcome.Should().Be(Denied);
        Decide(WithSession([Allow("*")], Allow("s3:*")), Dana).Outcome.Should().Be(Allowed);
        Decide(WithSession([Allow("ec2:*")], Allow("*")), Dana).Outcome.Should().Be(Denied);
        Decide(new ApplicablePolicies { Resource = Document(PolicyKind.Resource, Grant(Aws($"arn:aws:sts::{A}:federated-user/dana"))) }, Dana)
            .Outcome.Should().Be(Allowed);
        var maker = Document(PolicyKind.Resource, Grant(Aws($"arn:aws:iam::{A}:user/maker")));
        Decide(new ApplicablePolicies { Resource = maker }, Dana).Outcome.Should().Be(Denied);
        Decide(WithSession([], Allow("s3:*"), maker), Dana).Outcome.Should().Be(Allowed);
    }

    [Fact]
    public void A_federated_user_made_by_root_has_its_session_policy_alone_at_home()
    {
        Decide(WithSession([], Allow("s3:*")), DanaOfRoot).Outcome.Should().Be(Allowed);
        Decide(WithSession([], Allow("ec2:*")), DanaOfRoot).Outcome.Should().Be(Denied);
        Decide(default, DanaOfRoot).Outcome.Should().Be(Denied);
        Decide(WithSession([], Allow("s3:*")), DanaOfRoot, owner: B).Outcome.Should().Be(Denied);
    }

    [Fact]
    public void Anonymous_callers_have_only_what_a_resource_policy_gives_everybody()
    {
        Decide(new ApplicablePolicies { Identity = [Identity(Allow("*"))] }, RequestPrincipal.Anonymous).Outcome.Should().Be(Denied);
        Decide(new ApplicablePolicies { Resource = Document(PolicyKind.Resource, Grant("\"*\"")) }, RequestPrincipal.Anonymous).Outcome.Should().Be(Allowed);
        Decide(new ApplicablePolicies { Resource = Document(PolicyKind.Resource, Grant(Aws(A))) }, RequestPrincipal.Anonymous).Outcome.Should().Be(Denied);
    }

    [Fact]
    public void A_provider_is_trusted_in_its_own_account_only()
    {
        var trust = $$"""{"Federated":["arn:aws:iam::{{A}}:saml-provider/corp","arn:aws:iam::{{B}}:saml-provider/corp","accounts.google.com"]}""";
        Assume(trust, RequestPrincipal.Provider($"arn:aws:iam::{A}:saml-provider/corp")).Outcome.Should().Be(Allowed);
        Assume(trust, RequestPrincipal.Provider($"arn:aws:iam::{B}:saml-provider/corp")).Outcome.Should().Be(Denied);
        Assume(trust, RequestPrincipal.Provider("accounts.google.com")).Outcome.Should().Be(Allowed);
        Assume("""{"Service":"ec2.amazonaws.com"}""", RequestPrincipal.Service("ec2.amazonaws.com")).Outcome.Should().Be(Allowed);
    }

    [Fact]
    public void Every_control_policy_has_to_allow_even_a_direct_grant()
    {
        var everything = Named(PolicyKind.Control, Allow("*"));
        var little = Named(PolicyKind.Control, Allow("ec2:*"));
        var grant = Document(PolicyKind.Resource, Grant(Aws($"arn:aws:iam::{A}:user/alice")));
        Decide(new ApplicablePolicies { Control = [everything], Resource = grant }).Outcome.Should().Be(Allowed);
        Decide(new ApplicablePolicies { Control = [everything, little], Resource = grant }).Outcome.Should().Be(Denied);
    }

    [Fact]
    public void A_policy_that_is_attached_and_gone_denies_whatever_else_allows()
    {
        var gone = Arn.Parse($"arn:aws:iam::{A}:policy/gone");
        var decision = Decide(new ApplicablePolicies { Identity = [Identity(Allow("*"))], Unavailable = gone });
        decision.Outcome.Should().Be(Denied);
        decision.Reasons.Should().ContainSingle().Which.Unavailable.Should().Be(gone);
        Decide(new ApplicablePolicies { Unavailable = gone }, Root).Outcome.Should().Be(Denied);
        Decide(new ApplicablePolicies { Identity = [Identity(Deny("*"))], Unavailable = gone }).Outcome.Should().Be(Forbidden);
    }

    private static ApplicablePolicies WithSession(string[] identity, string? session = null, PolicyDocument? resource = null) => new()
    {
        Identity = identity.Length == 0 ? [] : [Identity(identity)],
        HasSessionPolicies = true,
        Session = session is null ? [] : [Named(PolicyKind.Session, session)],
        Resource = resource,
    };
}
