using System.Text;
using static TokenService.Tests.Authorization.Deciding;

namespace TokenService.Tests.Policies;

/// <summary>Section 1 of the reference: what is a document, and where and why another text is none.</summary>
public sealed class PolicyDocumentTests
{
    private const string Statement = """{"Effect":"Allow","Action":"*","Resource":"*"}""";

    [Fact]
    public void A_document_keeps_its_text_and_its_facts()
    {
        const string text = """ {"Version":"2012-10-17","Id":"i","Statement":[{"Sid":"One","Effect":"Deny","Action":"*","Resource":"*"}]} """;
        var document = PolicyDocument.Parse(text, PolicyKind.Boundary);
        document.Text.Should().Be(text);
        (document.Kind, document.Id).Should().Be((PolicyKind.Boundary, "i"));
        var statement = document.Statements.Should().ContainSingle().Subject;
        (statement.Sid, statement.Effect, statement.Index).Should().Be(("One", PolicyEffect.Deny, 0));
    }

    [Theory]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":"s3","Resource":"*"}]}""", "Syntax errors in policy. $.Statement[0].Action: ")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":["*",1],"Resource":"*"}]}""", "Syntax errors in policy. $.Statement[0].Action[1]: ")]
    [InlineData("""{"Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}""", "Syntax errors in policy. $.Statement[0].Effect: must be Allow or Deny.")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"*"}}""", "Syntax errors in policy. $.Statement: Resource is missing.")]
    [InlineData("""{"Statement":[],"x y":1}""", "Syntax errors in policy. $.Statement: must not be empty.")]
    [InlineData("""{"x y":1}""", "Syntax errors in policy. $['x y']: unknown element.")]
    [InlineData("""{"Version":"2012-10-17"}""", "Syntax errors in policy. $: Statement is missing.")]
    [InlineData("[]", "Syntax errors in policy. $: a policy is a JSON object.")]
    [InlineData("{\"Statement\":", "This policy contains invalid Json. Line 1, ")]
    [InlineData("", "This policy contains invalid Json. ")]
    [InlineData(null, "This policy contains invalid Json. ")]
    public void A_refusal_names_place_and_reason(string? text, string message)
    {
        PolicyDocument.TryParse(text, PolicyKind.Identity, out var document, out var error).Should().BeFalse();
        document.Should().BeNull();
        error!.Code.Should().Be("MalformedPolicyDocument");
        error.HttpStatus.Should().Be(400);
        error.Message.Should().StartWith(message);
    }

    [Fact]
    public void A_condition_is_named_down_to_its_key()
    {
        const string text = """{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/33"}}}}""";
        Refusal(text).Should().Be(
            "Syntax errors in policy. $.Statement.Condition.IpAddress['aws:SourceIp']: '10.0.0.0/33' is not an IP address or a CIDR range.");
    }

    [Fact]
    public void Parse_throws_the_refusal_for_a_hosts_own_literals() =>
        FluentActions.Invoking(() => PolicyDocument.Parse("{}", PolicyKind.Identity)).Should().Throw<FormatException>()
            .WithMessage("*Statement is missing*");

    [Theory]
    [InlineData(PolicyKind.Trust, 2_048)]
    [InlineData(PolicyKind.Session, 2_048)]
    [InlineData(PolicyKind.Boundary, 6_144)]
    [InlineData(PolicyKind.Identity, 10_240)]
    [InlineData(PolicyKind.Resource, 20_480)]
    [InlineData(PolicyKind.Control, 5_120)]
    public void The_default_size_of_a_kind_counts_no_white_space_outside_strings(PolicyKind kind, int size)
    {
        var rest = kind switch
        {
            PolicyKind.Trust => """ "Principal":"*","Action":"sts:AssumeRole" """.Trim(),
            PolicyKind.Resource => """ "Principal":"*","Action":"*","Resource":"*" """.Trim(),
            _ => """ "Action":"*","Resource":"*" """.Trim(),
        };
        var start = "{\"Id\":\"";
        var end = "\",\"Statement\":{\"Effect\":\"Allow\"," + rest + "}}";
        var id = new string(' ', size - start.Length - end.Length);
        PolicyDocument.TryParse(start + id + "\"  \n\t\r  " + end[1..], kind, out _, out var error).Should().BeTrue(error?.Message);
        PolicyDocument.TryParse(start + id + "x" + end, kind, out _, out _).Should().BeFalse();
    }

    [Fact]
    public void A_host_sets_the_size()
    {
        var text = $$"""{"Statement":[{{Statement}}]}""";
        PolicyDocument.TryParse(text, PolicyKind.Identity, text.Length, out _, out _).Should().BeTrue();
        PolicyDocument.TryParse(text, PolicyKind.Identity, text.Length - 1, out _, out var error).Should().BeFalse();
        error!.Message.Should().Contain(text.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Lengths_depths_and_counts_end_at_their_bounds()
    {
        Accepts(Padded(PolicyLimits.MaxTextLength)).Should().BeTrue();
        Accepts(Padded(PolicyLimits.MaxTextLength + 1)).Should().BeFalse();

        const string values = """{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"a:b":[VALUES]}}}}""";
        Accepts(values.Replace("VALUES", Repeated("\"\"", PolicyLimits.MaxValues), StringComparison.Ordinal)).Should().BeTrue();
        Accepts(values.Replace("VALUES", Repeated("\"\"", PolicyLimits.MaxValues + 1), StringComparison.Ordinal)).Should().BeFalse();

        Accepts($$"""{"Statement":[{{Repeated(Statement, PolicyLimits.MaxStatements)}}]}""").Should().BeTrue();
        Accepts($$"""{"Statement":[{{Repeated(Statement, PolicyLimits.MaxStatements + 1)}}]}""").Should().BeFalse();

        const string deep = """{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"a:b":["x"]}}}]}""";
        Accepts(deep).Should().BeTrue("it is six levels deep");
        Refusal(deep.Replace("\"x\"", "[\"x\"]", StringComparison.Ordinal)).Should().Contain("deeper than 6 levels");

        static string Repeated(string text, int count) => string.Join(',', Enumerable.Repeat(text, count));
        static string Padded(int length) => $$"""{"Statement":[{{Statement}}]}""".PadRight(length);
        static bool Accepts(string text) => PolicyDocument.TryParse(text, PolicyKind.Identity, int.MaxValue, out _, out _);
    }

    [Theory]
    [InlineData("arn:aws:s3:::b", true)]
    [InlineData("arn:*", true)]
    [InlineData("arn:aws:s3*", true)]
    [InlineData("arn:aws:dynamodb:*:table/x", true)]
    [InlineData("arn:aws:logs:*:*:*", true)]
    [InlineData("arn:aws:s3:::${aws:username}", true)]
    [InlineData("arn:aws:myhost:::anything at all", true)]
    [InlineData("arn:", false)]
    [InlineData("arn::s3:::b", false)]
    [InlineData("arn:aws::::b", false)]
    [InlineData("arn::*", false)]
    [InlineData("arn:aws:s3", false)]
    [InlineData("arn:aws:s3:*x:b", false)]
    [InlineData("arn:aws:s3:::", false)]
    [InlineData("arn*", false)]
    [InlineData("a*", false)]
    [InlineData("**", false)]
    [InlineData("*:*", false)]
    [InlineData("ARN:aws:s3:::b", false)]
    [InlineData(" arn:aws:s3:::b", false)]
    [InlineData("arn:aws:s 3:::b", false)]
    [InlineData("arn:aws:s3::${aws:PrincipalAccount}:b", false)]
    [InlineData("arn:aws:s3:*:${aws:username}", false)]
    [InlineData("arn:aws:s3:::${a${b}}", false)]
    [InlineData("arn:aws:s3:::${aws:username,}", false)]
    [InlineData("arn:aws:s3:::${, 'x'}", false)]
    public void A_resource_can_match_some_arn_of_six_parts(string resource, bool accepted) =>
        PolicyDocument.TryParse($$"""{"Version":"2012-10-17","Statement":{{Allow("*", resource)}} }""", PolicyKind.Identity, out _, out _)
            .Should().Be(accepted);

    [Theory]
    [InlineData("*", false)]
    [InlineData("s3:GetObject", false)]
    [InlineData("sts:*", true)]
    [InlineData("STS:AssumeRole", true)]
    public void A_trust_policy_names_only_actions_of_sts(string action, bool accepted) =>
        PolicyDocument.TryParse(
            $$"""{"Statement":{"Effect":"Allow","Principal":"*","Action":"{{action}}"} }""", PolicyKind.Trust, out _, out _).Should().Be(accepted);

    [Theory]
    [InlineData("NumericEquals", "1e3", false)]
    [InlineData("NumericEquals", "1.", false)]
    [InlineData("NumericEquals", " 1", false)]
    [InlineData("NumericEquals", "+1.5", true)]
    [InlineData("DateEquals", "2026-03-01T12:00:00", false)]
    [InlineData("DateEquals", "2026-03-01T24:00:00Z", false)]
    [InlineData("DateEquals", "1767225600.5", false)]
    [InlineData("DateEquals", "2026-03-01T12:00:00.1234567890Z", false)]
    [InlineData("DateEquals", "0000-01-01", false)]
    [InlineData("DateEquals", "-5", true)]
    [InlineData("IpAddress", "10.0.0.0/08", false)]
    [InlineData("IpAddress", "010.0.0.1", false)]
    [InlineData("IpAddress", "[::1]", false)]
    [InlineData("IpAddress", "::1%1", false)]
    [InlineData("IpAddress", "::1/", false)]
    [InlineData("IpAddress", "::/0", true)]
    [InlineData("Bool", " true", false)]
    [InlineData("Null", "TRUE", true)]
    [InlineData("BinaryEquals", "QQ", false)]
    [InlineData("BinaryEquals", "QQ= =", false)]
    [InlineData("BinaryEquals", "", true)]
    [InlineData("ArnLike", "no arn at all", true)]
    [InlineData("StringEquals", "${x", false)]
    [InlineData("ArnLike", "${}", false)]
    [InlineData("Bool", "${x:y}", false)]
    public void A_condition_value_that_cannot_be_read_makes_the_document_malformed(string name, string value, bool accepted) =>
        PolicyDocument.TryParse(
            $$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{Operator(name, "x:y", value)}} } }""",
            PolicyKind.Identity, out _, out _).Should().Be(accepted);

    [Fact]
    public void The_version_counts_wherever_it_stands()
    {
        const string text = """{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/${"},"Version":"2012-10-17"}""";
        Refusal(text).Should().Contain("a variable is not closed");
        PolicyDocument.TryParse(text.Replace("2012", "2008", StringComparison.Ordinal), PolicyKind.Identity, out _, out _).Should().BeTrue();
    }

    [Fact]
    public void One_key_in_two_letter_cases_is_a_duplicate_in_its_block_and_none_in_another()
    {
        const string text = """{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"a:b":"x"},"StringLike":{"A:B":"x"}}}}""";
        PolicyDocument.TryParse(text, PolicyKind.Identity, out _, out _).Should().BeTrue();
        Refusal(text.Replace("\"},\"StringLike\":{", "\",", StringComparison.Ordinal)).Should().Contain("['A:B']: stands twice");
    }

    [Fact]
    public void Control_policies_apply_to_everybody()
    {
        const string text = """{"Statement":{"Effect":"Allow","ELEMENT":PRINCIPAL,"Action":"*","Resource":"*"}}""";
        Accepts("Principal", "\"*\"").Should().BeTrue();
        Accepts("Principal", "{\"AWS\":\"111122223333\"}").Should().BeFalse();
        Accepts("NotPrincipal", "\"*\"").Should().BeFalse();

        static bool Accepts(string element, string principal) => PolicyDocument.TryParse(
            text.Replace("ELEMENT", element, StringComparison.Ordinal).Replace("PRINCIPAL", principal, StringComparison.Ordinal),
            PolicyKind.Control, out _, out _);
    }

    [Fact]
    public void Text_that_is_no_unicode_is_refused()
    {
        // Not inline data: attributes are stored as UTF-8, which has no half of a surrogate pair.
        string[] texts =
        [
            "\ud800", "\0", "{\"Id\":\"\ud800\"}", "{\"\\ud800\":1}", "{\"Id\":\"\\udc00\\ud800\"}",
            "{\"Statement\":[{\"Condition\":{\"Bool\":{\"\\ud83d\":true}}}]}",
        ];
        foreach (var text in texts)
        {
            Refusal(text).Should().StartWith("This policy contains invalid Json");
        }
    }

    /// <summary>A seed of its own for each run is printed by the failure; the long run tries more.</summary>
    [Fact]
    public void No_text_makes_the_parser_throw()
    {
        var seed = Environment.GetEnvironmentVariable("TOKENSERVICE_SEED") is { Length: > 0 } given
            ? int.Parse(given, System.Globalization.CultureInfo.InvariantCulture)
            : Environment.TickCount;
        var rounds = Environment.GetEnvironmentVariable("TOKENSERVICE_LONG") is { Length: > 0 } ? 300_000 : 6_000;
        var random = new Random(seed);
        var valid = CaseFiles.Read("policy-documents-open.json").Select(entry => entry.GetProperty("document").GetString()!)
            .Where(text => text.Length < 2_000).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            var text = round % 8 == 0 ? RandomText(random) : Mutated(valid[random.Next(valid.Length)], valid[random.Next(valid.Length)], random);
            var kind = (PolicyKind)random.Next(6);
            FluentActions.Invoking(() => PolicyDocument.TryParse(text, kind, out _, out _)).Should().NotThrow("seed {0}, round {1}: {2}", seed, round, text);
        }
    }

    private static string Refusal(string text)
    {
        PolicyDocument.TryParse(text, PolicyKind.Identity, out _, out var error).Should().BeFalse();
        return error!.Message!;
    }

    private static string RandomText(Random random)
    {
        var bytes = new byte[random.Next(400)];
        random.NextBytes(bytes);
        return random.Next(2) == 0 ? Encoding.Latin1.GetString(bytes) : new string(Array.ConvertAll(bytes, value => (char)(value * 257)));
    }

    private static string Mutated(string text, string other, Random random)
    {
        const string alphabet = "{}[]\",:\\u0d8\0*?$'\ud800\udc00 1-e.";
        var result = new StringBuilder(text);
        for (var change = random.Next(1, 6); change > 0 && result.Length > 0; change--)
        {
            var at = random.Next(result.Length);
            switch (random.Next(4))
            {
                case 0:
                    result[at] = alphabet[random.Next(alphabet.Length)];
                    break;
                case 1:
                    result.Remove(at, Math.Min(random.Next(1, 12), result.Length - at));
                    break;
                case 2:
                    result.Insert(at, alphabet[random.Next(alphabet.Length)]);
                    break;
                default:
                    var from = random.Next(other.Length + 1);
                    result.Insert(at, other.AsSpan(from, Math.Min(random.Next(1, 40), other.Length - from)));
                    break;
            }
        }

        return result.ToString();
    }
}
