using System.Security.Cryptography;
using System.Security.Cryptography.Xml;
using TokenService.Testing;

namespace TokenService.Tests.Federation.Saml;

/// <summary>Rules of saml.md that the case files do not reach: instants at their edges, options, attributes.</summary>
public sealed class SamlRuleTests : IDisposable
{
    private const string Invalid = "InvalidIdentityToken";
    private const string Expired = "ExpiredTokenException";

    private static readonly Instant Now = TestHost.Start;
    private static readonly Duration Tick = Duration.FromMilliseconds(1);

    private readonly SamlBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData((int)SamlSigning.Assertion, null)]
    [InlineData((int)SamlSigning.Response, null)]
    [InlineData((int)SamlSigning.Both, null)]
    [InlineData((int)SamlSigning.None, Invalid)]
    public async Task Response_or_assertion_or_both_are_signed(int what, string? code) =>
        (await _bench.CodeAsync(Responses.Good(), (SamlSigning)what)).Should().Be(code);

    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(0, 1, Expired)]
    [InlineData(60, 0, null)]
    [InlineData(60, 1, Expired)]
    public async Task Assertion_is_at_most_five_minutes_old_and_the_tolerance(int toleranceSeconds, int ticksOver, string? code)
    {
        _bench.Provider = _bench.Provider with { ClockTolerance = Duration.FromSeconds(toleranceSeconds) };
        var issued = Now - Duration.FromMinutes(5) - Duration.FromSeconds(toleranceSeconds) - (ticksOver * Tick);
        var refused = await _bench.ValidateAsync(Responses.Good() with { Issued = issued });
        refused.Error?.Code.Should().Be(code);
        refused.Error?.Message.Should().Be(code is null ? null : "Token must be redeemed within 5 minutes of issuance");
    }

    [Theory]
    [InlineData(0, 1, null)]
    [InlineData(0, 0, Expired)]
    [InlineData(300, 1, null)]
    [InlineData(300, 0, Expired)]
    public async Task End_of_conditions_confirmation_and_session_is_exclusive_after_the_tolerance(int toleranceSeconds, int ticksLeft, string? code)
    {
        _bench.Provider = _bench.Provider with { ClockTolerance = Duration.FromSeconds(toleranceSeconds) };
        var end = Now - Duration.FromSeconds(toleranceSeconds) + (ticksLeft * Tick);
        (await _bench.CodeAsync(Responses.Good() with { Conditions = SamlResponse.Between(end - Duration.FromMinutes(1), end) })).Should().Be(code);
        (await _bench.CodeAsync(Responses.Good() with { Confirmation = SamlResponse.BearerUntil(end) })).Should().Be(code);
        (await _bench.CodeAsync(Responses.Good() with { Authentication = SamlResponse.Authenticated(Now - Duration.FromHours(1), end) })).Should().Be(code);
    }

    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(0, 1, Invalid)]
    [InlineData(300, 0, null)]
    [InlineData(300, 1, Invalid)]
    public async Task What_has_begun_may_have_begun_now_and_the_tolerance_later(int toleranceSeconds, int ticksOver, string? code)
    {
        _bench.Provider = _bench.Provider with { ClockTolerance = Duration.FromSeconds(toleranceSeconds) };
        var start = Now + Duration.FromSeconds(toleranceSeconds) + (ticksOver * Tick);
        (await _bench.CodeAsync(Responses.Good() with { Conditions = SamlResponse.Between(start, start + Duration.FromMinutes(1)) })).Should().Be(code);
        (await _bench.CodeAsync(Responses.Good() with { Authentication = SamlResponse.Authenticated(start, null) })).Should().Be(code);
        (await _bench.CodeAsync(Responses.Good() with { Issued = start })).Should().Be(code);
    }

    [Fact]
    public void Tolerance_is_none_to_five_minutes()
    {
        FluentActions.Invoking(() => _bench.Provider with { ClockTolerance = Duration.FromMinutes(5) }).Should().NotThrow();
        FluentActions.Invoking(() => _bench.Provider with { ClockTolerance = Duration.FromMinutes(5) + Duration.Epsilon }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => _bench.Provider with { ClockTolerance = -Duration.Epsilon }).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public async Task Conditions_begin_before_they_end()
    {
        (await _bench.CodeAsync(Responses.Good() with { Conditions = SamlResponse.Between(Now, Now) })).Should().Be(Invalid);
        (await _bench.CodeAsync(Responses.Good() with { Conditions = SamlResponse.Between(Now, Now + Tick) })).Should().BeNull();
    }

    [Theory]
    [InlineData("2026-01-02T03:08:05Z", null)]
    [InlineData("2026-01-02T03:08:05.1Z", null)]
    [InlineData("2026-01-02T03:08:05.123456789123Z", null)]
    [InlineData("2026-01-02T03:08:05.Z", Invalid)]
    [InlineData("2026-01-02T03:08:05z", Invalid)]
    [InlineData("2026-01-02T03:08:05", Invalid)]
    [InlineData("2026-01-02T03:08:05+00:00", Invalid)]
    [InlineData(" 2026-01-02T03:08:05Z", Invalid)]
    [InlineData("2026-01-02T03:08:60Z", Invalid)]
    [InlineData("2026-01-02T24:00:00Z", Invalid)]
    [InlineData("2026-02-30T03:08:05Z", Invalid)]
    [InlineData("-2026-01-02T03:08:05Z", Invalid)]
    [InlineData("2026-01-02 03:08:05Z", Invalid)]
    [InlineData("2026-01-02T03:08:05,1Z", Invalid)]
    [InlineData("٢٠٢٦-01-02T03:08:05Z", Invalid)]
    [InlineData("", Invalid)]
    public async Task Time_has_one_form(string time, string? code) =>
        (await _bench.CodeAsync(Responses.Good() with
        {
            Conditions = $"""<saml:Conditions NotOnOrAfter="{time}"><saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience></saml:AudienceRestriction></saml:Conditions>""",
        })).Should().Be(code);

    [Fact]
    public async Task Earliest_end_of_several_sessions_counts_and_none_may_be_past()
    {
        var both = SamlResponse.Authenticated(Now, Now + Duration.FromHours(2)) + SamlResponse.Authenticated(Now, Now + Duration.FromHours(1));
        (await _bench.ValidateAsync(Responses.Good() with { Authentication = both })).Value.SessionNotOnOrAfter.Should().Be(Now + Duration.FromHours(1));
        (await _bench.CodeAsync(Responses.Good() with { Authentication = both + SamlResponse.Authenticated(Now, Now) })).Should().Be(Expired);
    }

    [Fact]
    public async Task Fault_of_form_comes_before_a_passed_instant()
    {
        var expired = Responses.Good() with { Conditions = SamlResponse.Between(Now - Duration.FromHours(1), Now) };
        (await _bench.CodeAsync(expired)).Should().Be(Expired);
        (await _bench.CodeAsync(expired.With("SessionDuration", "1"))).Should().Be(Invalid);
    }

    [Fact]
    public async Task Expired_confirmation_is_told_as_expired_only_where_every_other_is_expired_too()
    {
        var expired = SamlResponse.BearerUntil(Now);
        (await _bench.CodeAsync(Responses.Good() with { Confirmation = expired + expired })).Should().Be(Expired);
        (await _bench.CodeAsync(Responses.Good() with { Confirmation = expired + SamlResponse.BearerUntil(Now + Tick, "https://elsewhere.example/") })).Should().Be(Invalid);
        (await _bench.CodeAsync(Responses.Good() with { Confirmation = expired + SamlResponse.BearerUntil(Now + Tick) })).Should().BeNull();
    }

    [Theory]
    [InlineData("""InResponseTo="_q" """, """InResponseTo="_q" """, null)]
    [InlineData("", """InResponseTo="_q" """, null)]
    [InlineData("""InResponseTo="_q" """, "", null)]
    [InlineData("""InResponseTo="_q" """, """InResponseTo="_Q" """, Invalid)]
    public async Task Request_that_is_answered_is_the_same_where_both_name_it(string outer, string inner, string? code) =>
        (await _bench.CodeAsync(Responses.Good() with
        {
            ResponseAttributes = outer,
            Confirmation = SamlResponse.BearerUntil(Now + Tick, more: inner),
        })).Should().Be(code);

    [Theory]
    [InlineData("https://signin.aws.amazon.com/saml", true)]
    [InlineData("https://eu-west-1.signin.aws.amazon.com/saml", true)]
    [InlineData("https://us-gov-west-1.signin.amazonaws-us-gov.com/saml", true)]
    [InlineData("https://signin.amazonaws.cn/saml", true)]
    [InlineData("https://cn-north-1.signin.amazonaws.cn/saml", true)]
    [InlineData("https://signin.aws.amazon.com/static/saml", true)]
    [InlineData("https://signin.aws.amazon.com/saml/acs/SAMLSPU4X2QTE1V8N7", true)]
    [InlineData("http://signin.aws.amazon.com/saml", false)]
    [InlineData("https://signin.aws.amazon.com/saml/", false)]
    [InlineData("https://signin.aws.amazon.com/SAML", false)]
    [InlineData("https://signin.aws.amazon.com/saml?x", false)]
    [InlineData("https://signin.aws.amazon.com/saml/acs/", false)]
    [InlineData("https://signin.aws.amazon.com/saml/acs/a/b", false)]
    [InlineData("https://evil.example/.signin.aws.amazon.com/saml", false)]
    [InlineData("https://evil@signin.aws.amazon.com/saml", false)]
    [InlineData("https://a.b.signin.aws.amazon.com/saml", false)]
    [InlineData("https://-a.signin.aws.amazon.com/saml", false)]
    [InlineData("https://evilsignin.aws.amazon.com/saml", false)]
    [InlineData("https://signin.aws.amazon.com.evil.example/saml", false)]
    [InlineData("https://signin.aws.amazon.com:443/saml", false)]
    public async Task Recipient_is_one_of_AWSs_sign_in_addresses_where_the_host_names_none(string recipient, bool accepted)
    {
        var response = Responses.Good() with { Confirmation = SamlResponse.BearerUntil(Now + Tick, recipient), ResponseAttributes = "" };
        var validated = await _bench.ValidateAsync(response);
        validated.IsSuccess.Should().Be(accepted);
        (validated.TryGetValue(out var identity, out _) ? identity.Federated.Audience : recipient).Should().Be(recipient);
        (await _bench.CodeAsync(Responses.Good() with { ResponseAttributes = $"Destination=\"{recipient}\"" })).Should().Be(accepted ? null : Invalid);
    }

    [Fact]
    public async Task Host_that_names_its_audience_and_recipients_accepts_those_alone()
    {
        var options = new SamlOptions { Audience = "urn:sts.example" };
        options.Recipients.Add("https://sts.example/acs");
        using var bench = new SamlBench(options);
        var own = Responses.Good() with
        {
            ResponseAttributes = "",
            Confirmation = SamlResponse.BearerUntil(Now + Tick, "https://sts.example/acs"),
            Conditions = SamlResponse.Between(Now - Tick, Now + Tick).Replace("urn:amazon:webservices", "urn:sts.example", StringComparison.Ordinal),
        };
        (await bench.CodeAsync(own)).Should().BeNull();
        (await bench.CodeAsync(own with { AssertionId = "_2", Confirmation = Responses.Good().Confirmation })).Should().Be(Invalid);
        (await bench.CodeAsync(own with { AssertionId = "_3", Conditions = Responses.Good().Conditions })).Should().Be(Invalid);
    }

    [Fact]
    public async Task Signed_response_says_its_destination_where_the_host_requires_it()
    {
        using var bench = new SamlBench(new SamlOptions { RequiresDestination = true });
        (await bench.CodeAsync(Responses.Good(), SamlSigning.Response)).Should().BeNull();
        (await bench.CodeAsync(Responses.Good() with { ResponseAttributes = "" }, SamlSigning.Response)).Should().Be(Invalid);
        (await bench.CodeAsync(Responses.Good() with { ResponseAttributes = "" })).Should().BeNull();
        (await _bench.CodeAsync(Responses.Good() with { ResponseAttributes = "" }, SamlSigning.Response)).Should().BeNull();
    }

    [Fact]
    public async Task Signed_response_has_an_issuer()
    {
        (await _bench.CodeAsync(Responses.Good() with { ResponseIssuer = "" })).Should().BeNull();
        var xml = IdentityProvider.Trusted.SignXml(Responses.Good().ToXml(), SamlSigning.Response);
        var issuer = $"<saml:Issuer>{IdentityProvider.EntityId}</saml:Issuer>";
        (await _bench.CodeAsync(xml.Remove(xml.IndexOf(issuer, StringComparison.Ordinal), issuer.Length))).Should().Be(Invalid);
    }

    [Fact]
    public async Task Assertion_is_used_once_until_it_could_be_accepted_no_more()
    {
        _bench.Provider = _bench.Provider with { ClockTolerance = Duration.FromMinutes(1) };
        var response = IdentityProvider.Trusted.Sign(Responses.Good() with { Issued = Now, AssertionId = "_once" });
        (await _bench.ValidateAsync(response)).IsSuccess.Should().BeTrue();
        foreach (var minutes in new[] { 0, 2, 4 })
        {
            _bench.Clock.Reset(Now + Duration.FromMinutes(minutes));
            (await _bench.ValidateAsync(response)).Error!.Code.Should().Be(Invalid);
            _bench.Rule.Should().Contain("was not used before");
        }

        _bench.Clock.Reset(Now + Duration.FromMinutes(5));
        (await _bench.ValidateAsync(response)).Error!.Code.Should().Be(Expired);

        // The conditions end four minutes after the start, and the longest tolerance that a provider can have is five.
        foreach (var (time, code) in new[] { (Now + Duration.FromMinutes(9) - Tick, (string?)Invalid), (Now + Duration.FromMinutes(9), null) })
        {
            _bench.Clock.Reset(time);
            (await _bench.CodeAsync(Responses.At(time) with { AssertionId = "_once" })).Should().Be(code, "the id may come again once nobody can present the old assertion");
        }
    }

    [Fact]
    public async Task Assertion_that_was_used_is_not_new_to_a_provider_of_another_account_with_more_tolerance()
    {
        var other = IdentityProvider.Trusted.Register(new Account("444455556666")) with { ClockTolerance = Duration.FromMinutes(5) };
        var response = IdentityProvider.Trusted.Sign(Responses.Good());
        (await _bench.ValidateAsync(response)).IsSuccess.Should().BeTrue();
        _bench.Clock.Reset(Now + Duration.FromMinutes(4) + Tick);
        (await _bench.ValidateAsync(response)).Error!.Code.Should().Be(Expired);
        (await _bench.Validator.ValidateAsync(other, response)).Error?.Code.Should().Be(Invalid);
        _bench.Rule.Should().Contain("was not used before");
    }

    [Theory]
    [InlineData(UseResult.Used)]
    [InlineData(UseResult.Full)]
    [InlineData(null)]
    public async Task Guard_that_cannot_answer_refuses(UseResult? answer)
    {
        var validator = new SamlValidator(new SamlOptions(), new StubGuard(answer), _bench.Clock, _bench.Log);
        var validating = async () => await validator.ValidateAsync(_bench.Provider, IdentityProvider.Trusted.Sign(Responses.Good()));
        if (answer is null)
        {
            await validating.Should().ThrowAsync<IOException>();
        }
        else
        {
            (await validating()).Error!.Code.Should().Be(Invalid);
        }
    }

    [Fact]
    public async Task Refused_response_uses_nothing_up()
    {
        var good = Responses.Good() with { AssertionId = "_kept" };
        (await _bench.CodeAsync(good with { Conditions = SamlResponse.Between(Now - Tick, Now) })).Should().Be(Expired);
        (await _bench.CodeAsync(good)).Should().BeNull();
    }

    [Theory]
    [InlineData(SignedXml.XmlDsigRSASHA1Url, SignedXml.XmlDsigSHA256Url)]
    [InlineData(SignedXml.XmlDsigRSASHA256Url, SignedXml.XmlDsigSHA1Url)]
    [InlineData(SignedXml.XmlDsigRSASHA1Url, SignedXml.XmlDsigSHA1Url)]
    public async Task SHA1_is_accepted_of_a_provider_that_is_set_to_it_and_warned_of(string algorithm, string digest)
    {
        var xml = IdentityProvider.Trusted.SignXml(Responses.Good().ToXml(), SamlSigning.Assertion, algorithm, digest);
        (await _bench.CodeAsync(xml)).Should().Be(Invalid);
        _bench.Log.Entries.Should().NotContain(entry => entry.Id.Id == 2032);
        _bench.Provider = _bench.Provider with { AcceptsSha1 = true };
        (await _bench.CodeAsync(xml)).Should().BeNull();
        _bench.Log.Entries.Should().ContainSingle(entry => entry.Id.Id == 2032);
    }

    [Fact]
    public async Task Validity_of_certificates_counts_where_the_provider_enforces_it()
    {
        var late = IdentityProvider.Rsa(validFrom: Now + Duration.FromDays(1));
        _bench.Provider = late.Register();
        (await _bench.ValidateAsync(late.Sign(Responses.Good()))).IsSuccess.Should().BeTrue();
        _bench.Provider = late.Register() with { EnforcesValidity = true };
        (await _bench.ValidateAsync(late.Sign(Responses.Good()))).IsSuccess.Should().BeFalse();
        _bench.Provider = IdentityProvider.Trusted.Register() with { EnforcesValidity = true };
        (await _bench.CodeAsync(Responses.Good())).Should().BeNull();
    }

    [Theory]
    [InlineData(null, 60, 60)]
    [InlineData(60, null, 60)]
    [InlineData(60, 30, 30)]
    [InlineData(30, 60, 30)]
    [InlineData(null, null, null)]
    public void End_of_the_metadata_is_that_of_the_entity_or_of_the_provider_whichever_is_first(int? entity, int? provider, int? end)
    {
        static string Attribute(int? seconds) => seconds is { } after ? $"validUntil=\"{SamlResponse.Time(Now + Duration.FromSeconds(after))}\" " : "";
        var metadata = IdentityProvider.Metadata(IdentityProvider.EntityId, IdentityProvider.Trusted.CertificatePem)
            .Replace("entityID=", $"{Attribute(entity)}entityID=", StringComparison.Ordinal)
            .Replace("protocolSupportEnumeration=", $"{Attribute(provider)}protocolSupportEnumeration=", StringComparison.Ordinal);
        new SamlProvider(new Account("111122223333"), "corp", metadata).ValidUntil.Should().Be(end is { } seconds ? Now + Duration.FromSeconds(seconds) : null);
    }

    [Fact]
    public async Task End_of_the_metadata_counts_where_the_provider_enforces_it()
    {
        var metadata = IdentityProvider.Metadata(IdentityProvider.EntityId, IdentityProvider.Trusted.CertificatePem)
            .Replace("entityID=", $"validUntil=\"{SamlResponse.Time(Now)}\" entityID=", StringComparison.Ordinal);
        var provider = new SamlProvider(new Account("111122223333"), "corp", metadata);
        provider.ValidUntil.Should().Be(Now);
        _bench.Provider = provider;
        (await _bench.CodeAsync(Responses.Good())).Should().BeNull();
        _bench.Provider = provider with { EnforcesValidity = true };
        (await _bench.CodeAsync(Responses.Good())).Should().Be(Invalid);
        _bench.Clock.Reset(Now - Duration.Epsilon);
        (await _bench.CodeAsync(Responses.Good())).Should().BeNull();
    }

    [Fact]
    public async Task Keys_that_are_not_used_are_told_to_the_operator_whose_signature_fails()
    {
        _bench.Provider = new SamlProvider(
            new Account("111122223333"), "corp",
            IdentityProvider.Metadata(IdentityProvider.EntityId, IdentityProvider.Trusted.CertificatePem, IdentityProvider.Rsa(1024).CertificatePem));
        (await _bench.ValidateAsync(IdentityProvider.Stranger.Sign(Responses.Good()))).Error!.Message.Should().Be("Response signature invalid");
        _bench.Rule.Should().Contain("an RSA key of fewer than 2048");
    }

    [Theory]
    [InlineData(50, null)]
    [InlineData(51, Invalid)]
    public async Task There_are_at_most_fifty_tags(int count, string? code)
    {
        var response = Responses.Good();
        for (var index = 0; index < count; index++)
        {
            response = response.With($"PrincipalTag:k{index}", "v");
        }

        (await _bench.CodeAsync(response)).Should().Be(code);
    }

    [Theory]
    [InlineData(128, 256, null)]
    [InlineData(129, 256, Invalid)]
    [InlineData(128, 257, Invalid)]
    [InlineData(1, 0, null)]
    public async Task Tag_has_a_key_of_1_to_128_and_a_value_of_up_to_256_characters(int key, int value, string? code) =>
        (await _bench.CodeAsync(Responses.Good().With($"PrincipalTag:{new string('k', key)}", new string('v', value)))).Should().Be(code);

    [Theory]
    [InlineData("PrincipalTag:Team", "blue", null)]
    [InlineData("PrincipalTag:Team", " blue", Invalid)]
    [InlineData("PrincipalTag:Team ", "blue", Invalid)]
    [InlineData("PrincipalTag:aws:Team", "blue", Invalid)]
    [InlineData("PrincipalTag:Team", "aws:blue", Invalid)]
    [InlineData("PrincipalTag:", "blue", Invalid)]
    [InlineData("SessionDuration", "900", null)]
    [InlineData("SessionDuration", "899", Invalid)]
    [InlineData("SessionDuration", "43200", null)]
    [InlineData("SessionDuration", "43201", Invalid)]
    [InlineData("SessionDuration", "0900", Invalid)]
    [InlineData("SessionDuration", "900.0", Invalid)]
    [InlineData("SourceIdentity", "ab", null)]
    [InlineData("SourceIdentity", "a", Invalid)]
    [InlineData("SourceIdentity", "AWS:ab", Invalid)]
    [InlineData("TransitiveTagKeys", "Other", Invalid)]
    [InlineData("Unknown", "anything at all", null)]
    public async Task Attribute_is_exactly_what_it_has_to_be(string name, string value, string? code) =>
        (await _bench.CodeAsync(Responses.Good().With(name, value))).Should().Be(code);

    [Theory]
    [InlineData(64, null)]
    [InlineData(65, Invalid)]
    public async Task Session_name_and_source_identity_have_64_characters_at_most(int length, string? code)
    {
        (await _bench.CodeAsync(Responses.Good().Without("RoleSessionName").With("RoleSessionName", new string('n', length)))).Should().Be(code);
        (await _bench.CodeAsync(Responses.Good().With("SourceIdentity", new string('n', length)))).Should().Be(code);
    }

    [Fact]
    public async Task AWSs_wording_names_the_attribute_that_is_wrong()
    {
        async Task<string?> MessageAsync(SamlResponse response) => (await _bench.ValidateAsync(response)).Error?.Message;
        (await MessageAsync(Responses.Good().Without("RoleSessionName"))).Should().Be("RoleSessionName is required in AuthnResponse");
        (await MessageAsync(Responses.Good().Without("RoleSessionName").With("RoleSessionName", "a b"))).Should().Be("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}");
        (await MessageAsync(Responses.Good().With("SourceIdentity", "a b"))).Should().Be("Source Identity must match [a-zA-Z_0-9+=,.@-]{2,256} and not begin with \"aws:\"");
        (await MessageAsync(Responses.Good() with { Issuer = "https://other.example" })).Should().Be("Issuer not present in specified provider");
        (await MessageAsync(Responses.Good() with { Conditions = Responses.Good().Conditions.Replace("urn:amazon", "urn:other", StringComparison.Ordinal) })).Should().Be("Response does not contain the required audience.");
    }

    [Theory]
    [InlineData("arn:aws:iam::111122223333:role/a,b,arn:aws:iam::111122223333:saml-provider/corp", null)]
    [InlineData("arn:aws:iam::111122223333:saml-provider/corp,arn:aws:iam::111122223333:role/a,b", null)]
    [InlineData("arn:aws:iam::111122223333:role/a, arn:aws:iam::111122223333:saml-provider/corp", Invalid)]
    [InlineData("arn:aws:iam::111122223333:role/p*th/a,arn:aws:iam::111122223333:saml-provider/corp", Invalid)]
    [InlineData("arn:aws:iam::111122223333:role/a,arn:aws:iam::111122223333:role/b", Invalid)]
    [InlineData("arn:aws:iam::111122223333:saml-provider/a,arn:aws:iam::111122223333:saml-provider/b", Invalid)]
    [InlineData("arn:aws:iam::111122223333:user/a,arn:aws:iam::111122223333:saml-provider/corp", Invalid)]
    [InlineData("arn:aws:iam::*:role/a,arn:aws:iam::111122223333:saml-provider/corp", Invalid)]
    [InlineData("", Invalid)]
    public async Task Role_is_a_pair_of_ARNs_in_either_order_also_beside_good_ones(string value, string? code) =>
        (await _bench.CodeAsync(Responses.Good().Without("Role").With("Role", $"{Responses.Role},{Responses.Provider}", value))).Should().Be(code);

    [Fact]
    public async Task Attributes_of_the_directory_become_condition_keys_and_others_are_not_looked_at()
    {
        var response = Responses.Good() with
        {
            Attributes =
            [
                .. Responses.Good().Attributes,
                new("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", ["staff", "member"]), new("urn:oid:1.3.6.1.4.1.5923.1.1.1.11", ["high"]), new("urn:oid:1.3.6.1.4.1.5923.1.2.1.6", ["w"]),
                new("urn:oid:2.5.4.3", ["Alice"]), new("2.5.4.4", ["Smith"]), new("urn:oid:0.9.2342.19200300.100.1.3", ["a@x"]), new("2.4.5.42", ["Al"]),
                new("http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid", ["S-1"]), new("mail", ["ignored"]),
            ],
            MoreAttributes = """<saml:Attribute Name="other"><saml:AttributeValue><saml:NameID>x</saml:NameID></saml:AttributeValue></saml:Attribute>""",
        };
        var keys = (await _bench.ValidateAsync(response)).Value.Federated.Keys.Where(key => key.Key.Length > 0).ToLookup(key => key.Key, key => key.Value, StringComparer.Ordinal);
        keys["saml:edupersonaffiliation"].Should().Equal("staff", "member");
        keys["saml:edupersonassurance"].Should().Equal("high");
        keys["saml:eduorgwhitepagesuri"].Should().Equal("w");
        keys["saml:cn"].Should().Equal("Alice");
        keys["saml:commonName"].Should().Equal("Alice");
        keys["saml:surname"].Should().Equal("Smith");
        keys["saml:givenName"].Should().Equal("Al");
        keys["saml:mail"].Should().Equal("a@x");
        keys["saml:uid"].Should().Equal("S-1");
        keys["saml:primaryGroupSID"].Should().Equal("S-1");
        keys["saml:aud"].Should().Equal(Responses.Recipient);
        keys["saml:iss"].Should().Equal(IdentityProvider.EntityId);
        keys["saml:doc"].Should().Equal("111122223333/corp");
        keys["saml:sub"].Should().Equal("alice@idp.example");
        keys["saml:sub_type"].Should().Equal("persistent");
    }

    [Theory]
    [InlineData("""<saml:AttributeValue><x xmlns="urn:x"/></saml:AttributeValue>""")]
    [InlineData("""<saml:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>""")]
    public async Task Value_of_an_attribute_that_feeds_a_condition_key_is_text(string value) =>
        (await _bench.CodeAsync(Responses.Good() with { MoreAttributes = $"""<saml:Attribute Name="urn:oid:2.5.4.3">{value}</saml:Attribute>""" })).Should().Be(Invalid);

    [Theory]
    [InlineData("urn:oasis:names:tc:SAML:2.0:nameid-format:transient", "transient")]
    [InlineData("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress", "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress")]
    [InlineData(null, "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified")]
    [InlineData("urn:oasis:names:tc:SAML:2.0:nameid-format:", "urn:oasis:names:tc:SAML:2.0:nameid-format:")]
    [InlineData("urn:oasis:names:tc:SAML:2.0:nameid-format:urn:x", "urn:oasis:names:tc:SAML:2.0:nameid-format:urn:x")]
    public async Task Subject_type_is_the_format_without_the_prefix_of_SAML_20(string? format, string type) =>
        (await _bench.ValidateAsync(Responses.Good() with { Subject = format is null ? "<saml:NameID>a</saml:NameID>" : $"""<saml:NameID Format="{format}">a</saml:NameID>""" }))
            .Value.SubjectType.Should().Be(type);

    /// <summary>SAML 2.0 Core, 1.3.2. One that is not absolute could be told as the short name of another.</summary>
    [Theory]
    [InlineData("urn:x", null)]
    [InlineData("", Invalid)]
    [InlineData("persistent", Invalid)]
    [InlineData("/persistent", Invalid)]
    [InlineData("urn:x y", Invalid)]
    [InlineData("urn:x&#10;", Invalid)]
    [InlineData("urn:\u202Ex", Invalid)]
    public async Task Format_of_the_name_is_an_absolute_URI(string format, string? code) =>
        (await _bench.CodeAsync(Responses.Good() with { Subject = $"""<saml:NameID Format="{format}">a</saml:NameID>""" })).Should().Be(code);

    [Theory]
    [InlineData("a", null)]
    [InlineData("a b", null)]
    [InlineData("a&#9;b", Invalid)]
    [InlineData("a&#x85;b", Invalid)]
    [InlineData("&#xA0;a", Invalid)]
    public async Task Subject_has_no_white_space_around_it_and_no_control_characters(string name, string? code) =>
        (await _bench.CodeAsync(Responses.Good() with { Subject = $"<saml:NameID>{name}</saml:NameID>" })).Should().Be(code);

    [Fact]
    public async Task Name_qualifier_is_the_digest_of_issuer_account_and_provider()
    {
        // The worked example of the reference.
        var trusted = IdentityProvider.Trusted;
        _bench.Provider = new SamlProvider(new Account("123456789012"), "MySAMLIdP", IdentityProvider.Metadata("https://example.com/saml", trusted.CertificatePem));
        var response = Responses.Good() with { Issuer = "https://example.com/saml", ResponseIssuer = "" };
        (await _bench.ValidateAsync(response)).Value.NameQualifier.Should().Be("1uAJanUnBc2XeUkHURMht+xam2c=");
    }

    [Theory]
    [InlineData("nistP256", "ecdsa-sha256")]
    [InlineData("nistP384", "ecdsa-sha512")]
    [InlineData("nistP521", "ecdsa-sha384")]
    public async Task ECDSA_of_the_three_curves_is_accepted(string curve, string algorithm)
    {
        // SignedXml knows no ECDSA: the signature is made with the platform's and put in its place.
        var provider = IdentityProvider.Ec(ECCurve.CreateFromFriendlyName(curve));
        var xml = IdentityProvider.Trusted.SignXml(Responses.Good().ToXml(), SamlSigning.Assertion);
        var document = IdentityProvider.Load(xml.Replace(SignedXml.XmlDsigRSASHA256Url, $"http://www.w3.org/2001/04/xmldsig-more#{algorithm}", StringComparison.Ordinal));
        var info = (System.Xml.XmlElement)document.GetElementsByTagName("SignedInfo", SignedXml.XmlDsigNamespaceUrl)[0]!;
        var transform = new XmlDsigExcC14NTransform();
        transform.LoadInput(IdentityProvider.Load(info.OuterXml));
        using var canonical = (MemoryStream)transform.GetOutput(typeof(Stream));
        var hash = new HashAlgorithmName($"SHA{algorithm[^3..]}");
        document.GetElementsByTagName("SignatureValue", SignedXml.XmlDsigNamespaceUrl)[0]!.InnerText =
            Convert.ToBase64String(provider.Key.SignData(canonical.ToArray(), hash));
        _bench.Provider = IdentityProvider.Register(provider.CertificatePem);
        (await _bench.CodeAsync(document.OuterXml)).Should().BeNull();
        _bench.Provider = IdentityProvider.Register(IdentityProvider.Ec(ECCurve.CreateFromFriendlyName(curve)).CertificatePem);
        (await _bench.CodeAsync(document.OuterXml)).Should().Be(Invalid);
    }

    [Fact]
    public async Task Operator_learns_the_rule_and_the_client_does_not()
    {
        var refused = await _bench.ValidateAsync(Responses.Good() with { Conditions = SamlResponse.Between(Now, Now) });
        refused.Error!.Message.Should().Be("The SAML response that was passed is not valid.");
        _bench.Log.Entries.Should().ContainSingle(entry => entry.Id.Id == 1031).Which.Text.Should()
            .Contain(Responses.Provider).And.Contain("the conditions have an end, and a beginning before it").And.NotContain("alice");
    }

    [Fact]
    public async Task Providers_refusal_is_told_with_its_second_code_to_the_operator()
    {
        const string Status = """<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"/></samlp:StatusCode></samlp:Status>""";
        var xml = (Responses.Good() with { Status = Status }).ToXml();
        var start = xml.IndexOf("<saml:Assertion", StringComparison.Ordinal);
        var refused = await _bench.ValidateAsync(IdentityProvider.Encode(xml.Remove(start, xml.IndexOf("</samlp:Response>", StringComparison.Ordinal) - start)));
        (refused.Error!.Code, refused.Error.HttpStatus).Should().Be(("IDPRejectedClaim", 403));
        _bench.Rule.Should().Contain("AuthnFailed");
    }

    [Fact]
    public void Options_that_cannot_be_are_refused()
    {
        var options = new SamlOptions { Audience = " " };
        options.Recipients.Add("");
        options.Faults().Should().HaveCount(2);
        new SamlOptions().Faults().Should().BeEmpty();
    }

    private sealed class StubGuard(UseResult? answer) : IReplayGuard
    {
        public ValueTask<UseResult> TryUseAsync(GuardKey key, Instant until, CancellationToken cancellationToken) =>
            answer is { } given ? ValueTask.FromResult(given) : throw new IOException("The guard is down.");

        public ValueTask<UseResult> TryAdvanceAsync(GuardKey key, long position, Instant until, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
