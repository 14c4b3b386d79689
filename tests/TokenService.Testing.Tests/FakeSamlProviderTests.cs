using System.Xml;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace TokenService.Testing.Tests;

/// <summary>The SAML provider in memory, judged by the service itself.</summary>
public sealed class FakeSamlProviderTests : IClassFixture<FakeSamlProviderTests.Company>, IDisposable
{
    private const string Invalid = "InvalidIdentityToken";
    private const string Expired = "ExpiredTokenException";

    private readonly TestTokenService _service = new();
    private readonly Company _company;
    private readonly SamlProvider _registered;
    private readonly Role _role;

    public FakeSamlProviderTests(Company company)
    {
        _company = company;
        _registered = Provider.Describe(_service.Account);
        _service.Store.Put(_registered);
        _role = _service.AddRole("reports", TestPolicy.Trust(_registered, "alice"));
    }

    /// <summary>A provider that the tests have together, since a key takes long to make; it has the time at which every service of a test begins.</summary>
    public sealed class Company : IDisposable
    {
        private readonly TestTokenService _first = new();

        public Company() => Provider = _first.AddSamlProvider();

        public FakeSamlProvider Provider { get; }

        public void Dispose() => _first.Dispose();
    }

    /// <summary>Every flaw, and the code that its documentation says.</summary>
    public static TheoryData<BadSamlResponse, string> EveryFlaw
    {
        get
        {
            var data = new TheoryData<BadSamlResponse, string>();
            foreach (var flaw in Enum.GetValues<BadSamlResponse>())
            {
                data.Add(flaw, flaw switch
                {
                    BadSamlResponse.Expired or BadSamlResponse.ConfirmationExpired or BadSamlResponse.SessionEnded or BadSamlResponse.TooOld => Expired,
                    BadSamlResponse.RejectedByProvider => "IDPRejectedClaim",
                    BadSamlResponse.NoRole or BadSamlResponse.OtherRole => "AccessDenied",
                    _ => Invalid,
                });
            }

            return data;
        }
    }

    private FakeSamlProvider Provider => _company.Provider;

    public void Dispose() => _service.Dispose();

    [Theory, InlineData(SamlSigning.Assertion), InlineData(SamlSigning.Response), InlineData(SamlSigning.Both)]
    public async Task Response_is_accepted_whatever_of_it_is_signed_and_however_encrypted(SamlSigning what)
    {
        (await CodeAsync(Provider.Sign(Content(), what))).Should().BeNull();
        (await CodeAsync(Provider.Encrypt(Content(), SamlEncryption.Gcm(Provider.DecryptionKey), what))).Should().BeNull();
        (await CodeAsync(Provider.Encrypt(Content(), SamlEncryption.Cbc(Provider.DecryptionKey), what))).Should().BeNull();
    }

    [Fact]
    public async Task Response_says_what_the_test_wants()
    {
        var response = Content().With("PrincipalTag:Team", "blue = green").With("SourceIdentity", "alice.s");
        var identity = (await _service.Services.GetRequiredService<ISamlValidator>().ValidateAsync(_registered, Provider.Sign(response))).Value;
        (identity.Federated.Subject, identity.RoleSessionName, identity.Federated.SourceIdentity).Should().Be(("alice", "alice", "alice.s"));
        identity.Federated.Tags.Should().Equal(new Tag("Team", "blue = green"));
        identity.Roles.Should().Equal(new SamlRole(_role.Arn.ToString(), _registered.Arn.ToString()));
    }

    [Theory, MemberData(nameof(EveryFlaw))]
    public async Task Bad_response_is_refused_with_the_code_that_it_says(BadSamlResponse flaw, string code)
    {
        (await CodeAsync(Provider.Sign(Content()))).Should().BeNull("the provider is trusted");
        (await CodeAsync(Provider.IssueBadResponse(flaw, "alice", _registered, _role))).Should().Be(code);
    }

    /// <summary>A flaw that spoils the form of a response would be refused too, and prove nothing of what it is named after.</summary>
    [Theory]
    [InlineData(BadSamlResponse.OtherIssuer, "the issuer is the provider")]
    [InlineData(BadSamlResponse.OtherAudience, "each audience restriction")]
    [InlineData(BadSamlResponse.OtherRecipient, "a bearer confirmation holds entirely")]
    [InlineData(BadSamlResponse.OtherDestination, "the destination is an address of this service")]
    [InlineData(BadSamlResponse.NotYetValid, "the assertion is valid already")]
    [InlineData(BadSamlResponse.IssuedInTheFuture, "issued, and not in the future")]
    [InlineData(BadSamlResponse.Replayed, "was not used before")]
    [InlineData(BadSamlResponse.NoSignature, "the response or the assertion is signed")]
    [InlineData(BadSamlResponse.UnknownKey, "the signature is that of a key of the provider")]
    [InlineData(BadSamlResponse.KeyInKeyInfo, "the signature is that of a key of the provider")]
    [InlineData(BadSamlResponse.SignatureOfAnother, "the signature is that of a key of the provider")]
    [InlineData(BadSamlResponse.ChangedSubject, "the digest is that of the signed element")]
    [InlineData(BadSamlResponse.ChangedRole, "the digest is that of the signed element")]
    [InlineData(BadSamlResponse.Sha1, "RSA or ECDSA with SHA-256")]
    [InlineData(BadSamlResponse.CommentInName, "neither a comment nor")]
    [InlineData(BadSamlResponse.DocumentType, "without a document type")]
    [InlineData(BadSamlResponse.EncryptedToAnother, "decrypts to an assertion")]
    [InlineData(BadSamlResponse.ChangedCiphertext, "decrypts to an assertion")]
    [InlineData(BadSamlResponse.EncryptedWithoutSignature, "the response or the assertion is signed")]
    [InlineData(BadSamlResponse.TooLong, "4 to 100,000 characters")]
    public async Task Bad_response_breaks_the_rule_that_it_is_named_after(BadSamlResponse flaw, string rule)
    {
        using var log = new RecordingLog();
        using var service = new TestTokenService(register: services => services.AddSingleton<ILoggerFactory>(log));
        service.Store.Put(_registered);
        var validator = service.Services.GetRequiredService<ISamlValidator>();
        (await validator.ValidateAsync(_registered, Provider.IssueResponse("alice", _registered, _role))).IsSuccess.Should().BeTrue();
        (await validator.ValidateAsync(_registered, Provider.IssueBadResponse(flaw, "alice", _registered, _role))).IsSuccess.Should().BeFalse();
        log.Lines.Last().Should().Contain(rule);
    }

    [Theory]
    [InlineData(BadSamlResponse.Wrapping1)]
    [InlineData(BadSamlResponse.Wrapping2)]
    [InlineData(BadSamlResponse.Wrapping3)]
    [InlineData(BadSamlResponse.Wrapping4)]
    [InlineData(BadSamlResponse.Wrapping5)]
    [InlineData(BadSamlResponse.Wrapping6)]
    [InlineData(BadSamlResponse.Wrapping7)]
    [InlineData(BadSamlResponse.Wrapping8)]
    public void Wrapped_response_has_what_was_signed_as_it_was_and_something_forged_beside_it(BadSamlResponse way)
    {
        var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        document.LoadXml(System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(Provider.IssueBadResponse(way, "alice", _registered, _role))));
        var names = document.GetElementsByTagName("NameID", "urn:oasis:names:tc:SAML:2.0:assertion").Cast<XmlElement>().Select(name => name.InnerText);
        names.Should().BeEquivalentTo("alice", "somebody-else");
        var reference = document.GetElementsByTagName("Reference", "http://www.w3.org/2000/09/xmldsig#").Cast<XmlElement>().Single();
        document.SelectNodes($"//*[@ID='{reference.GetAttribute("URI")[1..]}']")!.Cast<XmlElement>()
            .Should().Contain(element => element.OuterXml.Contains(">alice<", StringComparison.Ordinal));
    }

    [Fact]
    public void Flaw_that_does_not_exist_is_refused() =>
        FluentActions.Invoking(() => Provider.IssueBadResponse((BadSamlResponse)1000, "alice", _registered, _role)).Should().Throw<ArgumentOutOfRangeException>();

    [Fact]
    public void Nothing_is_replayed_before_anything_was_issued()
    {
        using var provider = new FakeSamlProvider(_service.Clock);
        provider.Invoking(each => each.IssueBadResponse(BadSamlResponse.Replayed, "alice", _registered)).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public async Task Subject_whom_a_role_trusts_gets_its_credentials_and_nobody_else_does()
    {
        var credentials = await _service.AssumeRoleAsync(Provider.IssueResponse("alice", _registered, _role), _role, _registered);
        (await _service.CallerAsync(credentials)).Arn.ToString().Should().Be("arn:aws:sts::111122223333:assumed-role/reports/alice");
        var refused = await _service.Awaiting(service => service.AssumeRoleAsync(Provider.IssueResponse("mallory", _registered, _role), _role, _registered))
            .Should().ThrowAsync<StsException>();
        refused.Which.Error.Code.Should().Be("AccessDenied");
    }

    [Fact]
    public async Task Response_is_good_for_four_minutes_of_the_clock_of_the_test()
    {
        var provider = _service.AddSamlProvider("https://second.example", "second");
        var registered = provider.Describe(_service.Account, "second");
        var role = _service.AddRole("second", TestPolicy.Trust(registered, "alice"));
        var early = provider.IssueResponse("alice", registered, role);
        var late = provider.IssueResponse("alice", registered, role);
        _service.Clock.Advance(Duration.FromMinutes(4) + Duration.FromSeconds(59));
        (await CodeAsync(early, registered, role)).Should().BeNull("a minute is tolerated");
        _service.Clock.Advance(Duration.FromSeconds(1));
        (await CodeAsync(late, registered, role)).Should().Be(Expired);
    }

    private SamlResponse Content() => Provider.CreateResponse("alice", _registered, _role);

    private async Task<string?> CodeAsync(string response, SamlProvider? registered = null, Role? role = null) =>
        (await _service.Issuer.AssumeRoleWithSamlAsync(new AssumeRoleWithSamlRequest
        {
            RoleArn = (role ?? _role).Arn.ToString(),
            PrincipalArn = (registered ?? _registered).Arn.ToString(),
            SamlAssertion = response,
        })).Error?.Code;

    private sealed class RecordingLog : ILoggerFactory, ILogger
    {
        internal List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
