using System.Diagnostics;
using static TokenService.Tests.Authorization.Deciding;

namespace TokenService.Tests.Policies;

/// <summary>Sections 2 and 3 of the reference: text, resources, variables.</summary>
public sealed class MatchingTests
{
    [Theory]
    [InlineData("s3:GetObject", "s3:GetObject", true)]
    [InlineData("S3:getOBJECT", "s3:GetObject", true)]
    [InlineData("s3:*Object", "s3:GetObject", true)]
    [InlineData("s3:*Object", "s3:GetObjectTagging", false)]
    [InlineData("s3:?etObject", "s3:GetObject", true)]
    [InlineData("s3:?etObject", "s3:ForgetObject", false)]
    [InlineData("s3:Get*", "s3express:GetObject", false)]
    [InlineData("*", "anything:AtAll", true)]
    [InlineData("s3:*", "sqs:SendMessage", false)]
    public void An_action_matches_as_a_whole_whatever_its_case(string pattern, string action, bool matches) =>
        Allows(Allow(pattern), action).Should().Be(matches);

    [Theory]
    [InlineData("arn:aws:s3:::b/*", "arn:aws:s3:::b", false)]
    [InlineData("arn:aws:s3:::b/*", "arn:aws:s3:::b/", true)]
    [InlineData("arn:aws:s3:::b/*", "arn:aws:s3:::b/k/l:m", true)]
    [InlineData("arn:aws:s3:::b/?", "arn:aws:s3:::b/:", true)]
    [InlineData("arn:aws:s3:::B/*", "arn:aws:s3:::b/k", false)]
    [InlineData("arn:aws:iam::*:role/x", "arn:aws:iam::111122223333:role/x", true)]
    [InlineData("arn:aws:iam::*:role/x", "arn:aws-cn:iam::111122223333:role/x", false)]
    [InlineData("arn:aws:logs:*:*:log-group:*:end", "arn:aws:logs:eu-west-1:111122223333:log-group:a:b:end", true)]
    [InlineData("arn:aws:dynamodb:*:table/x", "arn:aws:dynamodb:eu-west-1:111122223333:table/x", true)]
    [InlineData("arn:aws:dynamodb:*:table/x", "arn:aws:dynamodb:eu-west-1:111122223333:table/xy", false)]
    [InlineData("arn:aws:s*3:::b/k", "arn:aws:sqs3:::b/k", true)]
    [InlineData("arn:aws:s*3:::b/k", "arn:aws:sqs:eu-3:::b/k", false)]
    [InlineData("arn:aws:s?:::b/k", "arn:aws:s3:::b/k", true)]
    [InlineData("arn:aws:s3?::x:b", "arn:aws:s3:::x:b", false)]
    [InlineData("arn:aws:?*:b/k", "arn:aws:s3:::b/k", true)]
    [InlineData("arn:*:s*3:*", "arn:aws:x:s3:s33:::b", true)]
    [InlineData("arn:*:s*3:*", "arn:aws:x:y:z:b", false)]
    [InlineData("*", "*", true)]
    [InlineData("arn:aws:s3:::*", "*", false)]
    public void A_wildcard_stays_within_its_part_unless_it_ends_it(string pattern, string resource, bool matches) =>
        AllowsResource(pattern, resource).Should().Be(matches);

    [Fact]
    public void NotResource_excludes_what_any_of_its_patterns_match()
    {
        const string statement = """{"Effect":"Allow","Action":"*","NotResource":["arn:aws:s3:::a/*","arn:aws:s3:::b/*"]}""";
        Allows(statement, resource: "arn:aws:s3:::c/k").Should().BeTrue();
        Allows(statement, resource: "arn:aws:s3:::b/k").Should().BeFalse();
    }

    [Fact]
    public void NotAction_with_Allow_still_needs_the_resource()
    {
        const string statement = """{"Effect":"Allow","NotAction":"iam:*","Resource":"arn:aws:s3:::b/*"}""";
        Allows(statement).Should().BeTrue();
        Allows(statement, "iam:GetUser").Should().BeFalse();
        Allows(statement, resource: "arn:aws:s3:::c/k").Should().BeFalse();
    }

    [Theory]
    [InlineData("a/b", "arn:aws:s3:::b/a/b/x", true)]
    [InlineData("a*b", "arn:aws:s3:::b/a*b/x", true)]
    [InlineData("a*b", "arn:aws:s3:::b/aXb/x", false)]
    [InlineData("a?b", "arn:aws:s3:::b/aXb/x", false)]
    [InlineData("$b", "arn:aws:s3:::b/$b/x", true)]
    [InlineData("${aws:userid}", "arn:aws:s3:::b/${aws:userid}/x", true)]
    [InlineData("", "arn:aws:s3:::b//x", true)]
    public void What_a_variable_puts_in_is_literal(string value, string resource, bool matches) =>
        AllowsResource("arn:aws:s3:::b/${aws:username}/*", resource, ("aws:UserName", [value])).Should().Be(matches);

    [Theory]
    [InlineData("${aws:username, 'a, b'}", "a, b")]
    [InlineData("${aws:username,'x'}", "x")]
    [InlineData("${aws:username, ''}", "")]
    [InlineData("${aws:username, 'it's}'}", "it's}")]
    [InlineData("${*}${?}${$}", "*?$")]
    public void A_default_may_hold_quotes_and_commas(string variable, string value) =>
        AllowsResource($"arn:aws:s3:::b/{variable}", $"arn:aws:s3:::b/{value}").Should().BeTrue();

    [Fact]
    public void A_variable_without_a_value_matches_no_resource_and_excludes_an_unknown_one()
    {
        const string notResource = "\"Action\":\"*\",\"NotResource\":\"arn:aws:s3:::b/${aws:username}/*\"";
        AllowsResource("arn:aws:s3:::b/${aws:username}*", "arn:aws:s3:::b/").Should().BeFalse();
        Allows($$"""{"Effect":"Allow",{{notResource}}}""", resource: "arn:aws:sqs:::q").Should().BeFalse();
        Decide(new ApplicablePolicies { Identity = [Identity(Allow("*"), $$"""{"Effect":"Deny",{{notResource}}}""")] })
            .Outcome.Should().Be(DecisionOutcome.ExplicitDeny);
    }

    [Fact]
    public void A_variable_with_several_values_has_none_but_takes_its_default()
    {
        AllowsResource("arn:aws:s3:::b/${aws:TagKeys}", "arn:aws:s3:::b/x", ("aws:TagKeys", ["x", "y"])).Should().BeFalse();
        AllowsResource("arn:aws:s3:::b/${aws:TagKeys, 'd'}", "arn:aws:s3:::b/d", ("aws:TagKeys", ["x", "y"])).Should().BeTrue();
    }

    [Fact]
    public void A_variable_of_a_2008_document_is_text()
    {
        var old = PolicyDocument.Parse("""{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/${aws:username}"}}""", PolicyKind.Identity);
        Decide(new ApplicablePolicies { Identity = [new Policy("old", null, old)] }, resource: "arn:aws:s3:::b/${aws:username}").IsAllowed.Should().BeTrue();
    }

    [Fact]
    public void Wildcards_cost_pattern_times_text_at_worst()
    {
        var symbols = Wildcard.Compile("*a*a*a*a*b");
        var text = new string('a', 1_000);
        Wildcard.Matches(symbols, text).Should().BeFalse();
        Wildcard.Matches(symbols, text + "b").Should().BeTrue();

        // A quadratic or exponential matcher needs minutes here; a minute is far from any machine's noise.
        var watch = Stopwatch.StartNew();
        for (var round = 0; round < 1_000; round++)
        {
            Wildcard.Matches(symbols, text);
            AllowsWithin("arn:aws:s*3:*a*a*a*a*b", text);
        }

        watch.Elapsed.Should().BeLessThan(TimeSpan.FromMinutes(1));

        static void AllowsWithin(string pattern, string text)
        {
            PatternText.TryCompile(pattern, variables: false, PatternForm.Arn, out var compiled, out _);
            Wildcard.MatchesArn(compiled!.Symbols.Span, $"arn:aws:s33:::{text}", 13).Should().BeFalse();
        }
    }

    [Theory]
    [InlineData("?", "😀", true)]
    [InlineData("??", "😀", false)]
    [InlineData("*??", "😀b", true)]
    [InlineData("*???", "😀b", false)]
    [InlineData("a?😀", "a😀😀", true)]
    public void A_question_mark_is_one_character_of_one_or_two_units(string pattern, string text, bool matches)
    {
        var symbols = Wildcard.Compile(pattern);
        Wildcard.Matches(symbols, text).Should().Be(matches);
        Wildcard.MatchesArn([Wildcard.RunWithinPart, .. symbols], text, 0).Should().Be(Wildcard.Matches([Wildcard.Run, .. symbols], text));
        Wildcard.MatchesArn([.. symbols, Wildcard.RunWithinPart, 'z'], text + "z", 0).Should().Be(Wildcard.Matches([.. symbols, Wildcard.Run, 'z'], text + "z"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("a*b?c")]
    [InlineData("**?**")]
    [InlineData("a:*:*b")]
    public void Both_matchers_agree_where_every_run_may_cross(string pattern)
    {
        var plain = Wildcard.Compile(pattern);
        int[] withInner = [.. plain, Wildcard.RunWithinPart];
        int[] withRun = [.. plain, Wildcard.Run];
        foreach (var text in new[] { "", "a", "ab", "a:b", "axbyc", "a::b", "abc:" })
        {
            Wildcard.MatchesArn(withInner, text, 0).Should().Be(Wildcard.Matches(withRun, text), $"{pattern} on {text}");
        }
    }
}
