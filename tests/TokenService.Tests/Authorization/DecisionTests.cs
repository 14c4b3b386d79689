using static TokenService.Tests.Authorization.Deciding;

namespace TokenService.Tests.Authorization;

/// <summary>A decision knows its reasons, and costs nothing where it allows.</summary>
public sealed class DecisionTests
{
    [Fact]
    public void An_Allow_names_the_statement_and_its_policy()
    {
        var policy = Identity(Allow("ec2:*"), Allow("s3:*"));
        var decision = Decide(new ApplicablePolicies { Identity = [policy] });
        (decision.IsAllowed, decision.Kind, decision.Policy).Should().Be((true, PolicyKind.Identity, policy));
        decision.Statement.Should().BeSameAs(policy.Document.Statements[1]);
        decision.Reasons.Should().BeEmpty();
        decision.MessageSuffix.Should().BeEmpty();
    }

    [Fact]
    public void An_Allow_by_a_resource_policy_names_its_statement()
    {
        var resource = Document(PolicyKind.Resource, Grant("\"*\""));
        var decision = Decide(new ApplicablePolicies { Resource = resource });
        (decision.Kind, decision.Policy).Should().Be((PolicyKind.Resource, null));
        decision.Statement.Should().BeSameAs(resource.Statements[0]);
    }

    [Theory]
    [InlineData(PolicyKind.Identity, " with an explicit deny in an identity-based policy")]
    [InlineData(PolicyKind.Boundary, " with an explicit deny in a permissions boundary: arn:aws:iam::111122223333:policy/bound")]
    [InlineData(PolicyKind.Session, " with an explicit deny in a session policy")]
    [InlineData(PolicyKind.Control, " with an explicit deny in a service control policy")]
    [InlineData(PolicyKind.Resource, " with an explicit deny in a resource-based policy")]
    [InlineData(PolicyKind.Trust, " with an explicit deny in the role trust policy")]
    public void An_explicit_deny_names_the_statement_the_policy_and_its_kind(PolicyKind kind, string suffix)
    {
        Policy? Of(PolicyKind of) => kind != of ? null
            : new Policy("p", of == PolicyKind.Boundary ? Arn.Parse("arn:aws:iam::111122223333:policy/bound") : null, Document(of, Allow("ec2:*"), Deny("*")));
        var resource = kind switch
        {
            PolicyKind.Resource => Document(kind, Grant("\"*\""), Grant("\"*\"", "Deny")),
            PolicyKind.Trust => Document(kind, """{"Effect":"Allow","Principal":"*","Action":"sts:*"}""", """{"Effect":"Deny","Principal":"*","Action":"sts:*"}"""),
            _ => null,
        };
        var decision = Decide(
            new ApplicablePolicies
            {
                Identity = Of(PolicyKind.Identity) is { } identity ? [identity] : [],
                Boundary = Of(PolicyKind.Boundary),
                Session = Of(PolicyKind.Session) is { } session ? [session] : [],
                HasSessionPolicies = kind == PolicyKind.Session,
                Control = Of(PolicyKind.Control) is { } control ? [control] : [],
                Resource = resource,
            },
            action: kind == PolicyKind.Trust ? "sts:AssumeRole" : "s3:GetObject");
        (decision.Outcome, decision.Kind, decision.Statement!.Index).Should().Be((DecisionOutcome.ExplicitDeny, kind, 1));
        decision.MessageSuffix.Should().Be(suffix);
        decision.Reasons.Should().ContainSingle().Which.Cause.Should().Be(DenialCause.ExplicitDeny);
    }

    [Fact]
    public void An_implicit_deny_lists_what_was_missing_kind_by_kind()
    {
        var decision = Decide(
            new ApplicablePolicies
            {
                Control = [Named(PolicyKind.Control, Allow("ec2:*"))],
                Boundary = Named(PolicyKind.Boundary, Allow("ec2:*")),
                HasSessionPolicies = true,
            },
            Session(),
            owner: B);
        decision.Reasons.Select(reason => reason.Kind).Should().Equal(
            PolicyKind.Control, PolicyKind.Resource, PolicyKind.Identity, PolicyKind.Boundary, PolicyKind.Session);
        decision.MessageSuffix.Should().Be(" because no service control policy allows the s3:GetObject action");
        (decision.Statement, decision.Kind).Should().Be((null, null));
    }

    [Theory]
    [InlineData(PolicyKind.Identity, " because no identity-based policy allows the s3:GetObject action")]
    [InlineData(PolicyKind.Boundary, " because no permissions boundary allows the s3:GetObject action")]
    [InlineData(PolicyKind.Session, " because no session policy allows the s3:GetObject action")]
    public void What_alone_was_missing_is_what_the_message_says(PolicyKind kind, string suffix)
    {
        string Of(PolicyKind of) => Allow(of == kind ? "ec2:*" : "*");
        Decide(new ApplicablePolicies
        {
            Identity = [Identity(Of(PolicyKind.Identity))],
            Boundary = Named(PolicyKind.Boundary, Of(PolicyKind.Boundary)),
            HasSessionPolicies = true,
            Session = [Named(PolicyKind.Session, Of(PolicyKind.Session))],
        }).MessageSuffix.Should().Be(suffix);
    }

    [Fact]
    public void A_role_that_does_not_trust_the_caller_says_so_to_its_owner() =>
        Assume(Aws(B), Alice).MessageSuffix.Should().Be(" because no role trust policy allows the sts:AssumeRole action");

    [Fact]
    public void A_near_miss_tells_the_condition_its_key_and_both_sides_values()
    {
        var statement = $$"""{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{{Operator("StringLike", "aws:PrincipalTag/Team", "r*")}} }""";
        var decision = Decide(
            new ApplicablePolicies { Identity = [Identity(Allow("ec2:*"), Deny("iam:*"), statement)] },
            context: TableContext.Of(("aws:principaltag/team", ["blue"])));
        var miss = decision.Reasons.Should().ContainSingle().Which.NearMisses.Should().ContainSingle().Subject;
        (miss.Operator, miss.Key, miss.Statement.Index).Should().Be(("StringLike", "aws:PrincipalTag/Team", 2));
        miss.RequestValues.Should().Equal("blue");
        miss.PolicyValues.Should().Equal("r*");
        decision.ToString().Should().Contain("StringLike").And.Contain("blue").And.Contain("no identity-based policy allows");
    }

    [Fact]
    public void A_near_miss_of_a_resource_policy_tells_that_the_caller_is_not_named()
    {
        var miss = Assume(Aws(B), Alice).Reasons[0].NearMisses.Should().ContainSingle().Subject;
        (miss.Operator, miss.Key, miss.Policy).Should().Be((null, null, null));
        miss.ToString().Should().Contain("does not name the caller");
    }

    [Fact]
    public void Near_misses_are_the_first_few()
    {
        var statement = $$"""{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{{Operator("Bool", "x:y", "true")}} }""";
        Decide(new ApplicablePolicies { Identity = [Identity([.. Enumerable.Repeat(statement, Denials.MaxNearMisses + 1)])] })
            .Reasons[0].NearMisses.Should().HaveCount(Denials.MaxNearMisses);
    }

    [Fact]
    public void An_allowed_request_allocates_nothing()
    {
        var allow = $$"""{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*","Condition":{{Operator("StringEquals", "aws:PrincipalTag/team", "blue")}} }""";
        string[] statements = [Allow("dynamodb:*", "arn:aws:dynamodb:*:*:table/x"), Deny("s3:*", "arn:aws:s3:::secret/*"), allow];
        var policies = new ApplicablePolicies
        {
            Identity = [.. Enumerable.Range(0, 5).Select(_ => Identity(statements))],
            Boundary = Named(PolicyKind.Boundary, statements),
            HasSessionPolicies = true,
            Session = [Named(PolicyKind.Session, statements)],
        };
        var caller = Session();
        var context = TableContext.Of(("aws:PrincipalTag/team", ["blue"]));
        var decision = Decide(policies, caller, resource: "arn:aws:s3:::b/k", context: context);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 1_000; round++)
        {
            Decide(policies, caller, resource: "arn:aws:s3:::b/k", context: context);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
        decision.IsAllowed.Should().BeTrue();
        Decide(policies, caller, resource: "arn:aws:s3:::b/k", context: context).Should().BeSameAs(decision);
    }

    [Fact]
    public void One_document_may_be_an_identity_policy_and_a_session_policy()
    {
        var policy = Identity(Allow("*"));
        var dana = RequestPrincipal.FederatedUser(Arn.Parse($"arn:aws:sts::{A}:federated-user/dana"), null, null);
        Decide(new ApplicablePolicies { Identity = [policy] }).Kind.Should().Be(PolicyKind.Identity);
        Decide(new ApplicablePolicies { HasSessionPolicies = true, Session = [policy] }, dana).Kind.Should().Be(PolicyKind.Session);
    }

    [Fact]
    public void Decisions_are_the_same_from_many_threads()
    {
        var policies = new ApplicablePolicies { Identity = [Identity(Allow("s3:Get*"), Deny("s3:Put*"))] };
        var outcomes = ParallelEnumerable.Range(0, 2_000)
            .Select(round => Decide(policies, action: round % 2 == 0 ? "s3:GetObject" : "s3:PutObject").Outcome == (round % 2 == 0 ? DecisionOutcome.Allow : DecisionOutcome.ExplicitDeny));
        outcomes.Should().OnlyContain(correct => correct);
    }
}
