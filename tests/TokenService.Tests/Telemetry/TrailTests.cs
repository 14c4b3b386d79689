using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace TokenService.Tests.Telemetry;

public sealed class TrailTests : IDisposable
{
    private const string KeyId = "AKIARTX3GSDSQAAAAAAA";
    private const string Form = "Action=GetCallerIdentity&Version=2011-06-15";
    private const string AllowAll = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""";

    private const string TrustAlice = """
        {"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/alice"},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}}
        """;

    private readonly TestHost _host = new();
    private readonly RequestSigner _alice = new(KeyId, "marked-secret-of-alice");

    public TrailTests()
    {
        PutAlice(isActive: true);

        // Made now, so that its warning stands before what the tests look at.
        _host.Get<IKeyRing>();
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Refused_credential_is_told_with_the_reason_that_the_wire_leaves_open()
    {
        var role = _host.AddRole("r", TrustAlice);
        var session = await SessionAsync(role, "one");
        var other = await SessionAsync(role, "two");
        var (id, secret, token) = (session.AccessKeyId, session.SecretAccessKey.Reveal(), session.SessionToken);
        await ExpectAsync(_alice with { AccessKeyId = "AKIARTX3GSDSQBBBBBBB" }, "InvalidClientTokenId, nobody has the key (key AKIARTX3GSDSQBBBBBBB, account 111122223333)");
        await ExpectAsync(_alice with { Token = "marked-token" }, $"InvalidClientTokenId, a long-term key came with a session token (key {KeyId}, account 111122223333, arn:aws:iam::111122223333:user/alice");
        await ExpectAsync(_alice with { Secret = "marked-wrong" }, $"SignatureDoesNotMatch, The request signature we calculated does not match the signature you provided.");
        await ExpectAsync(new RequestSigner(id, secret), $"InvalidClientTokenId, a temporary key came without its session token (key {id}");
        await ExpectAsync(new RequestSigner(id, secret, "marked-token"), "InvalidClientTokenId, the session token is none of this service's, or was changed, or its key is gone");
        await ExpectAsync(new RequestSigner(id, secret, other.SessionToken), "InvalidClientTokenId, the session token belongs to another key");
        var known = (await _host.CallerAsync(session)).Session!;
        var told = $"session {Hex(known.Id)}, source identity source.of.alice, chain {Hex(known.ChainId)})";
        await ExpectAsync(new RequestSigner(id, "marked-wrong", token), "SignatureDoesNotMatch", told);
        _host.Store.RemoveRole(role.Account, role.Name);
        await ExpectAsync(new RequestSigner(id, secret, token), "InvalidClientTokenId, the role or user that the session stood on is gone", told);
        PutAlice(isActive: false);
        await ExpectAsync(_alice, "InvalidClientTokenId, the key is inactive");
        PutAlice(isActive: true);
        _host.Clock.Advance(Duration.FromHours(1));
        await ExpectAsync(new RequestSigner(id, secret, token) { Date = _host.Clock.GetCurrentInstant() }, "ExpiredToken", told);
        await ExpectAsync(_alice, "SignatureDoesNotMatch, Signature expired: ");
    }

    [Fact]
    public async Task Accepted_credential_is_no_refusal_and_a_revoked_session_tells_of_its_revocation_alone()
    {
        _host.Log.Clear();
        (await _host.Authenticator.AuthenticateAsync(_alice.Form(Form), SignatureRules.Sts)).IsSuccess.Should().BeTrue();
        _host.Log.Entries.Should().BeEmpty();
        var session = await SessionAsync(_host.AddRole("r", TrustAlice), "one");
        await _host.Get<Revoker>().RevokeAsync(RevocationTarget.Session(session.AccessKeyId));
        _host.Log.Clear();
        var signer = new RequestSigner(session.AccessKeyId, session.SecretAccessKey.Reveal(), session.SessionToken);
        (await _host.Authenticator.AuthenticateAsync(signer.Form(Form), SignatureRules.Sts)).IsSuccess.Should().BeFalse();
        _host.Log.Entries.Select(entry => entry.Id.Id).Should().Equal(1021);
    }

    [Theory]
    [InlineData("wJalrXUtnFEMI_K7MDENG_bPxRfiCYmarkedKEYa")]
    [InlineData("AKIA-marked")]
    [InlineData("AKIAmarked")]
    public async Task What_is_no_access_key_id_is_not_repeated_for_it_may_be_a_secret(string keyId)
    {
        await ExpectAsync(_alice with { AccessKeyId = keyId }, "InvalidClientTokenId, nobody has the key");
        _host.Log.Entries.Single().Text.Should().EndWith("nobody has the key");
        Everything().Should().NotContain("marked");
    }

    [Fact]
    public async Task Key_id_that_is_longer_than_any_is_not_repeated()
    {
        await ExpectAsync(_alice with { AccessKeyId = "AKIA" + new string('A', 124) }, $"(key AKIA{new string('A', 124)}");
        await ExpectAsync(_alice with { AccessKeyId = "AKIA" + new string('A', 125) }, "InvalidClientTokenId, nobody has the key");
        _host.Log.Entries.Single().Text.Should().EndWith("nobody has the key");
    }

    [Fact]
    public async Task Broken_signature_is_told_by_its_code_alone()
    {
        foreach (var header in new[] { "AWS4-HMAC-SHA256 Credential=marked", "AWS4-HMAC-SHA256 marked", "AWS4-HMAC-SHA256 Credential=marked, SignedHeaders=host, Signature=marked", "Bearer marked" })
        {
            var request = RequestSigner.Unsigned("POST", "/", "", [], ("Host", "h"), ("X-Amz-Date", "20260102T030405Z"), ("Authorization", header));
            (await _host.Authenticator.AuthenticateAsync(request, SignatureRules.Sts)).IsSuccess.Should().BeFalse();
        }

        _host.Log.Entries.Where(entry => entry.Id.Id == 1004).Should().HaveCount(4)
            .And.OnlyContain(entry => entry.Text.Contains(": IncompleteSignature", StringComparison.Ordinal) || entry.Text.Contains(": MissingAuthenticationToken", StringComparison.Ordinal));
        Everything().Should().NotContain("marked");
    }

    [Fact]
    public async Task Decision_is_told_with_who_what_and_why()
    {
        var role = _host.AddRole("r", TrustAlice, """
            {"Version":"2012-10-17","Statement":[
              {"Sid":"read","Effect":"Allow","Action":"s3:GetObject","Resource":"*"},
              {"Sid":"hold","Effect":"Deny","Action":"s3:DeleteObject","Resource":"*"}]}
            """);
        var caller = await _host.CallerAsync(await SessionAsync(role, "one"));
        var who = $"to arn:aws:sts::111122223333:assumed-role/r/one (key {caller.AccessKeyId}, session {Hex(caller.Session!.Id)}, source identity source.of.alice, chain {Hex(caller.Session.ChainId)})";
        _host.Log.Clear();
        await _host.MayAsync(caller, "s3:GetObject", "arn:aws:s3:::b/k");
        await _host.MayAsync(caller, "s3:DeleteObject", "arn:aws:s3:::b/k");
        await _host.MayAsync(caller, "s3:PutObject", "arn:aws:s3:::b/k\r\nforged line");
        await _host.MayAsync(await _host.RootAsync(), "s3:PutObject", "arn:aws:s3:::b/k");
        _host.Log.Entries.Select(entry => (entry.Id.Id, entry.Level, entry.Text)).Should().Equal(
            (1002, LogLevel.Debug, $"Allowed s3:GetObject on arn:aws:s3:::b/k {who}: statement 0 (read) in inline of the identity-based policy"),
            (1003, LogLevel.Information, $"Denied s3:DeleteObject on arn:aws:s3:::b/k {who}: statement 1 (hold) in inline of the identity-based policy denies"),
            (1003, LogLevel.Information, $"Denied s3:PutObject on arn:aws:s3:::b/k\uFFFD\uFFFDforged line {who}: no identity-based policy allows: inline has no statement that allows the action"),
            (1002, LogLevel.Debug, "Allowed s3:PutObject on arn:aws:s3:::b/k to arn:aws:iam::111122223333:root: the account's root"));
    }

    [Fact]
    public async Task Issuing_and_refusing_are_told_with_ids_and_chain()
    {
        var first = _host.AddRole("first", TrustAlice);
        var second = _host.AddRole("second", TrustAlice.Replace("user/alice", "role/first", StringComparison.Ordinal));
        var calling = await _host.CallerAsync(await SessionAsync(first, "one"));
        _host.Log.Clear();
        var request = new AssumeRoleRequest { RoleArn = second.Arn.ToString(), RoleSessionName = "two" };
        var chained = await _host.CallerAsync((await _host.Issuer.AssumeRoleAsync(calling, request)).Value.Credentials);
        var issued = _host.Log.Entries.Single(entry => entry.Id.Id == 1000).Text;
        issued.Should().Contain($"({first.Id}:one, key {calling.AccessKeyId}, session {Hex(calling.Session!.Id)})").And.Contain($"assumed-role/second/two ({second.Id})")
            .And.Contain("source identity source.of.alice").And.Contain($"chain {Hex(calling.Session.Id)}");
        chained.Session!.ChainId.Should().Be(calling.Session.Id);
        (await _host.Issuer.AssumeRoleAsync(chained, request)).IsSuccess.Should().BeFalse();
        _host.Log.Entries.Single(entry => entry.Id.Id == 1001).Text.Should().Contain(
            $"(key {chained.AccessKeyId}, session {Hex(chained.Session.Id)}, source identity source.of.alice, chain {Hex(calling.Session.Id)})");
    }

    [Fact]
    public async Task Refusals_decisions_and_throttlings_are_counted()
    {
        using var host = new TestHost(options => options.Throttling.Principal = new RequestRate(1, 1));
        host.AddUser("bob", AllowAll);
        var counted = new ConcurrentBag<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument.Meter.Name == "TokenService")
            {
                own.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => counted.Add($"{instrument.Name} {value} {string.Join(' ', tags.ToArray())}"));
        listener.Start();
        await host.Authenticator.AuthenticateAsync(_alice.Form(Form), SignatureRules.Sts);
        var bob = await host.UserAsync("bob");
        await host.MayAsync(bob, "s3:GetObject");
        await host.Issuer.GetCallerIdentityAsync(bob);
        await host.Issuer.GetCallerIdentityAsync(bob);

        // Other tests may run beside this one and be counted too.
        counted.Should().Contain("tokenservice.credential.refusals 1 [code, InvalidClientTokenId]")
            .And.Contain("tokenservice.authorization.decisions 1 [outcome, allow]")
            .And.Contain("tokenservice.throttlings 1 [limit, principal]");
    }

    [Fact]
    public async Task Nothing_secret_stands_in_anything_that_is_told()
    {
        var spans = new ConcurrentBag<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "TokenService",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => spans.Add($"{span.DisplayName} {string.Join(' ', span.TagObjects)} {string.Join(' ', span.Events)} {string.Join(' ', span.Baggage)}"),
        };
        ActivitySource.AddActivityListener(listener);
        var role = _host.AddRole("r", TrustAlice);
        var session = await SessionAsync(role, "one");
        var alice = await _host.UserAsync("alice");
        var denied = await _host.Get<IAuthorizer>().AuthorizeAsync(new AuthorizationRequest { Caller = await _host.CallerAsync(session), Action = "iam:X", Resource = "*" });
        var signers = new[]
        {
            _alice, _alice with { Secret = "marked-wrong" }, _alice with { Token = "marked-token" }, _alice with { AccessKeyId = "marked_key_that_is_none" },
            new RequestSigner(session.AccessKeyId, session.SecretAccessKey.Reveal(), session.SessionToken),
            new RequestSigner(session.AccessKeyId, "marked-wrong", session.SessionToken),
            new RequestSigner(session.AccessKeyId, session.SecretAccessKey.Reveal(), session.SessionToken + "marked"),
        };
        var secrets = new List<string> { "marked-", session.SecretAccessKey.Reveal(), session.SessionToken, session.SessionToken[..64], session.SessionToken[^64..] };
        foreach (var signer in signers)
        {
            foreach (var request in new[] { signer.Form(Form), signer.Presign("GET", "/", Form, 60, SignatureV4.EmptyHash, ("Host", "h")) })
            {
                await _host.Authenticator.AuthenticateAsync(request, SignatureRules.Sts);
                var query = request.Query.Split("X-Amz-Signature=");
                secrets.Add(query.Length == 2 ? query[1] : request.Headers.Single(header => header.Key == "Authorization").Value.Split("Signature=")[1]);
            }
        }

        await _host.Issuer.GetSessionTokenAsync(alice, new GetSessionTokenRequest { SerialNumber = "arn:aws:iam::111122223333:mfa/alice", TokenCode = "918273" });
        await _host.Issuer.GetAccessKeyInfoAsync(alice, new GetAccessKeyInfoRequest { AccessKeyId = "marked-secret-in-the-wrong-place" });
        await _host.Issuer.GetAccessKeyInfoAsync(alice, new GetAccessKeyInfoRequest { AccessKeyId = "marked_secret_in_the_wrong_place" });
        await _host.Issuer.DecodeAuthorizationMessageAsync(alice, new DecodeAuthorizationMessageRequest { EncodedMessage = "marked-message" });
        await _host.Issuer.AssumeRoleAsync(alice, new AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = "s1", Policy = "marked-policy" });
        secrets.AddRange(["918273", "marked_"]);
        denied.IsAllowed.Should().BeFalse();
        (await _host.MayAsync(alice, "sts:GetCallerIdentity")).Should().BeTrue();

        string.Join('\n', spans).Should().NotContainAny(secrets);
        Everything().Should().NotContainAny(secrets);
        _host.Log.Entries.Select(entry => entry.Id.Id).Should().Contain([1000, 1001, 1002, 1003, 1004, 1010]);
    }

    [Fact]
    public async Task Nothing_is_written_where_nobody_listens()
    {
        using var deaf = new Deaf();
        using var host = new TestHost(register: services => services.AddSingleton<ILoggerFactory>(deaf));
        host.AddUser("bob", AllowAll);
        var bob = await host.UserAsync("bob");
        (await host.MayAsync(bob, "s3:GetObject")).Should().BeTrue();
        (await host.MayAsync(bob, "s3:GetObject", "arn:aws:s3:::b/k")).Should().BeTrue();
        (await host.Authenticator.AuthenticateAsync(_alice.Form(Form), SignatureRules.Sts)).IsSuccess.Should().BeFalse();
        (await host.Issuer.GetSessionTokenAsync(bob, new GetSessionTokenRequest())).IsSuccess.Should().BeTrue();
        (await host.Issuer.GetSessionTokenAsync(bob, new GetSessionTokenRequest { DurationSeconds = 1 })).IsSuccess.Should().BeFalse();
        deaf.Written.Should().Be(0);
    }

    private static string Hex(UInt128 id) => id.ToString("x32", CultureInfo.InvariantCulture);

    private void PutAlice(bool isActive) => _host.Store.Put(
        User.Create(_host.Home, "alice") with
        {
            AccessKeys = [new AccessKey(KeyId, new Secret("marked-secret-of-alice")) { IsActive = isActive }],
            InlinePolicies = [new Policy("inline", null, PolicyDocument.Parse("""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:*","Resource":"*"}}""", PolicyKind.Identity))],
        });

    private async Task<TemporaryCredentials> SessionAsync(Role role, string name) =>
        (await _host.Issuer.AssumeRoleAsync(
            await _host.UserAsync("alice"),
            new AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = name, SourceIdentity = "source.of.alice" })).Value.Credentials;

    private async Task ExpectAsync(RequestSigner signer, params string[] told)
    {
        _host.Log.Clear();
        (await _host.Authenticator.AuthenticateAsync(signer.Form(Form), SignatureRules.Sts)).IsSuccess.Should().BeFalse();
        var (id, level, text) = _host.Log.Entries.Single();
        (id.Id, level).Should().Be((1004, LogLevel.Information));
        text.Should().StartWith("Refused the credentials of a request to sts: ").And.ContainAll(told);
    }

    private string Everything()
    {
        var all = new StringBuilder();
        foreach (var (id, level, text) in _host.Log.Entries)
        {
            all.AppendLine(CultureInfo.InvariantCulture, $"{id} {level} {text}");
        }

        return all.ToString();
    }

    /// <summary>A log that is switched off, and counts what is written all the same.</summary>
    private sealed class Deaf : ILoggerFactory, ILogger
    {
        internal int Written { get; private set; }

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => false;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Written++;

        public void Dispose()
        {
        }
    }
}
