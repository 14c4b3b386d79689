using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using TokenService.Tests.Federation;
using TokenService.Tests.Federation.Saml;

namespace TokenService.Tests.Telemetry;

/// <summary>Each decision leaves one event and one count, whoever made it.</summary>
public sealed class DecisionEventTests : IDisposable
{
    private const string AllowAll = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""";
    private const string DenyAll = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"hold","Effect":"Deny","Action":"*","Resource":"*"}]}""";

    /// <summary>Each operation, the event of a grant, what that names as its ground, and what a refusal names.</summary>
    private static readonly (string Operation, int Granted, string Ground, string Reason)[] Rows =
    [
        ("AssumeRole", 1000, "allowed by statement 0 of the role trust policy", "AccessDenied, ExplicitDeny; statement 1 (hold) in inline of the identity-based policy denies"),
        ("AssumeRoleWithSaml", 1000, "allowed by statement 0 of the role trust policy", "AccessDenied, the assertion does not give the role"),
        ("AssumeRoleWithWebIdentity", 1000, "allowed by statement 0 of the role trust policy", "AccessDenied, ImplicitDeny; no role trust policy allows"),
        ("AssumeRoot", 1000, "allowed by statement 0 in inline of the identity-based policy", "statement 1 (hold) in inline of the identity-based policy denies"),
        ("DecodeAuthorizationMessage", 1002, ": statement 0 in inline of the identity-based policy", "statement 1 (hold) in inline of the identity-based policy denies"),
        ("GetAccessKeyInfo", 1002, ": statement 0 in inline of the identity-based policy", "statement 1 (hold) in inline of the identity-based policy denies"),
        ("GetCallerIdentity", 1002, ": whoever can sign", "Throttled the principal"),
        ("GetDelegatedAccessToken", 1000, "allowed by the trade-in token ", "statement 1 (hold) in inline of the identity-based policy denies"),
        ("GetFederationToken", 1000, "allowed by statement 0 in inline of the identity-based policy", "statement 1 (hold) in inline of the identity-based policy denies"),
        ("GetSessionToken", 1000, "), chain ", "ValidationError"),
        ("GetWebIdentityToken", 1006, "allowed by statement 0 in inline of the identity-based policy", "statement 1 (hold) in inline of the identity-based policy denies"),
    ];

    private readonly TestHost _host;
    private readonly TokenMaker _provider = new();
    private readonly MeterListener _metrics = new();
    private readonly AsyncLocal<bool> _isMine = new();
    private readonly ConcurrentQueue<string> _counted = new();

    public DecisionEventTests()
    {
        _host = TestHost.Issuing();
        _host.Store.Put(_host.Home with { OrganizationId = "o-a", ManagesMemberRoots = true });
        _host.Store.Put(_host.Away with { OrganizationId = "o-a" });
        _host.AddUser("alice", AllowAll);
        _host.AddUser("dave", DenyAll);
        _host.AddUser("nobody");
        _host.AddRole("target", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/alice"},"Action":"sts:AssumeRole"}}""");
        _host.AddRole("web", """
            {"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/issuer.example/realm"},
            "Action":"sts:AssumeRoleWithWebIdentity"}}
            """);
        _host.AddRole("Reader", $$"""
            {"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"{{Responses.Provider}}"},"Action":"sts:AssumeRoleWithSAML"} }
            """, path: "/staff/");
        _host.Store.Put(IdentityProvider.Trusted.Register(_host.Home));
        _host.Store.Put(new OidcProvider(_host.Home, TokenMaker.Issuer, [TokenMaker.Client]) { Jwks = _provider.Jwks });

        // What other tests count beside this one is not this one's.
        _metrics.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "TokenService")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _metrics.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Count(instrument, tags));
        _metrics.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Count(instrument, tags));
        _metrics.Start();
    }

    public static TheoryData<string, bool> Decisions()
    {
        var decisions = new TheoryData<string, bool>();
        foreach (var (operation, _, _, _) in Rows)
        {
            decisions.Add(operation, true);
            decisions.Add(operation, false);
        }

        return decisions;
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _provider.Dispose();
        _host.Dispose();
    }

    [Theory, MemberData(nameof(Decisions))]
    public async Task Operation_leaves_one_event_and_one_count(string operation, bool isGranted)
    {
        var (_, granted, ground, reason) = Rows.Single(row => row.Operation == operation);
        if (operation == "GetCallerIdentity" && !isGranted)
        {
            using var throttled = new TestHost(options => options.Throttling.Principal = new RequestRate(1, 1));
            throttled.AddUser("alice");
            var alice = await throttled.UserAsync("alice");
            await throttled.Issuer.GetCallerIdentityAsync(alice);
            var code = await OnlyEventAsync(throttled, async () => (await throttled.Issuer.GetCallerIdentityAsync(alice)).Error, 1005, reason);
            _counted.Should().BeEquivalentTo("tokenservice.throttlings [limit, principal]", $"tokenservice.operation.duration [operation, GetCallerIdentity] [code, {code}]");
            return;
        }

        var call = await CallAsync(operation, await _host.UserAsync(isGranted ? "alice" : "dave"), isGranted);
        var ending = await OnlyEventAsync(_host, call, isGranted ? granted : 1001, isGranted ? ground : reason);
        (ending == "ok").Should().Be(isGranted);
        var name = operation == "AssumeRoleWithSaml" ? "AssumeRoleWithSAML" : operation;
        _counted.Should().Equal($"tokenservice.operation.duration [operation, {name}] [code, {ending}]");
    }

    [Fact]
    public void Every_operation_has_a_row() => typeof(ITokenIssuer).GetMethods(BindingFlags.Public | BindingFlags.Instance)
        .Select(method => method.Name[..^"Async".Length]).Should().BeEquivalentTo(Rows.Select(row => row.Operation));

    [Fact]
    public async Task Loan_that_no_policy_mentions_is_granted_and_no_denial_is_told()
    {
        await OnlyEventAsync(_host, await CallAsync("GetDelegatedAccessToken", await _host.UserAsync("nobody"), isGranted: true), 1000, "to arn:aws:iam::111122223333:user/nobody");
        _counted.Should().Equal("tokenservice.operation.duration [operation, GetDelegatedAccessToken] [code, ok]");
    }

    [Theory]
    [InlineData("alice", 1002, "allow")]
    [InlineData("dave", 1003, "explicit_deny")]
    [InlineData("nobody", 1003, "implicit_deny")]
    public async Task Decision_for_a_service_of_the_host_leaves_one_event_and_one_count(string user, int id, string outcome)
    {
        var caller = await _host.UserAsync(user);
        await OnlyEventAsync(
            _host,
            async () =>
            {
                await _host.MayAsync(caller, "s3:GetObject", "arn:aws:s3:::b/k");
                return null;
            },
            id,
            $"to arn:aws:iam::111122223333:user/{user}: ");
        _counted.Should().Equal($"tokenservice.authorization.decisions [outcome, {outcome}]");
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Authorizer_of_the_host_is_heeded_and_leaves_the_event_to_the_operation(bool allows)
    {
        using var host = new TestHost(register: services => services.AddSingleton<IAuthorizer>(new ByOtherMeans(allows)));
        host.AddUser("alice", allows ? DenyAll : AllowAll);
        var alice = await host.UserAsync("alice");
        await OnlyEventAsync(
            host,
            async () => (await host.Issuer.GetAccessKeyInfoAsync(alice, new GetAccessKeyInfoRequest { AccessKeyId = "AKIARTX3GSDSVPMANSL7" })).Error,
            allows ? 1002 : 1001,
            allows ? "to arn:aws:iam::111122223333:user/alice: the host" : "AccessDenied, ImplicitDeny");
        _counted.Should().Equal($"tokenservice.operation.duration [operation, GetAccessKeyInfo] [code, {(allows ? "ok" : "AccessDenied")}]");
    }

    [Fact]
    public async Task Verifier_tells_what_is_wrong_with_a_proof_beside_the_one_event_of_the_operation()
    {
        var alice = await _host.UserAsync("alice");
        (await EventsAsync(async () => (await _host.Issuer.GetSessionTokenAsync(
            alice, new GetSessionTokenRequest { SerialNumber = "arn:aws:iam::111122223333:mfa/alice", TokenCode = "918273" })).Error)).Should().Equal(1010, 1001);
        (await EventsAsync(async () => (await _host.Issuer.AssumeRoleWithWebIdentityAsync(WebRequest("web") with { WebIdentityToken = "not.a.token" })).Error)).Should().Equal(1030, 1001);
        (await EventsAsync(async () => (await _host.Issuer.AssumeRoleWithSamlAsync(SamlRequest(Responses.Role) with { SamlAssertion = "AAAA" })).Error)).Should().Equal(1031, 1001);
        _counted.Should().HaveCount(3).And.OnlyContain(count => count.StartsWith("tokenservice.operation.duration ", StringComparison.Ordinal));
    }

    private static AssumeRoleWithSamlRequest SamlRequest(string role) => new()
    {
        RoleArn = role,
        PrincipalArn = Responses.Provider,
        SamlAssertion = IdentityProvider.Trusted.Sign(Responses.Good()),
    };

    private AssumeRoleWithWebIdentityRequest WebRequest(string role) => new()
    {
        RoleArn = $"arn:aws:iam::111122223333:role/{role}",
        RoleSessionName = "s1",
        WebIdentityToken = _provider.Sign(TokenMaker.Claims(TestHost.Start)),
    };

    /// <summary>What the operation does for a caller; the operations without one differ in the role that they ask for.</summary>
    private async Task<Func<Task<StsError?>>> CallAsync(string operation, Caller caller, bool isGranted)
    {
        var issuer = _host.Issuer;
        switch (operation)
        {
            case "AssumeRole":
                return async () => (await issuer.AssumeRoleAsync(caller, new AssumeRoleRequest { RoleArn = "arn:aws:iam::111122223333:role/target", RoleSessionName = "s1" })).Error;
            case "AssumeRoleWithSaml":
                var saml = SamlRequest(isGranted ? Responses.Role : "arn:aws:iam::111122223333:role/target");
                return async () => (await issuer.AssumeRoleWithSamlAsync(saml)).Error;
            case "AssumeRoleWithWebIdentity":
                var web = WebRequest(isGranted ? "web" : "target");
                return async () => (await issuer.AssumeRoleWithWebIdentityAsync(web)).Error;
            case "AssumeRoot":
                var root = new AssumeRootRequest { TargetPrincipal = "444455556666", TaskPolicyArn = "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy" };
                return async () => (await issuer.AssumeRootAsync(caller, root)).Error;
            case "DecodeAuthorizationMessage":
                var denied = await _host.Get<IAuthorizer>().AuthorizeAsync(
                    new AuthorizationRequest { Caller = await _host.UserAsync("dave"), Action = "iam:ListUsers", Resource = "*" });
                _host.Get<AuthorizationMessages>().TryEncode(denied, out var message).Should().BeTrue();
                return async () => (await issuer.DecodeAuthorizationMessageAsync(caller, new DecodeAuthorizationMessageRequest { EncodedMessage = message })).Error;
            case "GetAccessKeyInfo":
                return async () => (await issuer.GetAccessKeyInfoAsync(caller, new GetAccessKeyInfoRequest { AccessKeyId = "AKIARTX3GSDSVPMANSL7" })).Error;
            case "GetCallerIdentity":
                return async () => (await issuer.GetCallerIdentityAsync(caller)).Error;
            case "GetDelegatedAccessToken":
                var grant = new TradeInGrant { RequesterAccount = caller.Account.Id, Policy = AllowAll, Lifetime = Duration.FromHours(1) };
                var token = _host.Get<TradeInTokens>().Issue(await _host.UserAsync("alice"), grant).Value.Reveal();
                return async () => (await issuer.GetDelegatedAccessTokenAsync(caller, new GetDelegatedAccessTokenRequest { TradeInToken = token })).Error;
            case "GetFederationToken":
                // With tags two permissions are asked for.
                return async () => (await issuer.GetFederationTokenAsync(caller, new GetFederationTokenRequest { Name = "carol", Policy = AllowAll, Tags = [new Tag("k", "v")] })).Error;
            case "GetSessionToken":
                return async () => (await issuer.GetSessionTokenAsync(caller, new GetSessionTokenRequest { DurationSeconds = isGranted ? 900 : 1 })).Error;
            case "GetWebIdentityToken":
                return async () => (await issuer.GetWebIdentityTokenAsync(
                    caller, new GetWebIdentityTokenRequest { Audience = ["https://api.example"], SigningAlgorithm = "ES384", Tags = [new Tag("k", "v")] })).Error;
            default:
                throw new ArgumentOutOfRangeException(nameof(operation), operation, "The operation has no call.");
        }
    }

    /// <returns>The code that the call ends with.</returns>
    private async Task<string> OnlyEventAsync(TestHost host, Func<Task<StsError?>> call, int id, string told)
    {
        var refusal = await RunAsync(host, call);
        var only = host.Log.Entries.Should().ContainSingle().Subject;
        only.Id.Id.Should().Be(id);
        only.Text.Should().Contain(told).And.NotContainAny("  ", " ,", "( ", "(,", " )", ": ,", " (key ,", "session ,");
        return refusal?.Code ?? "ok";
    }

    private async Task<IEnumerable<int>> EventsAsync(Func<Task<StsError?>> call)
    {
        (await RunAsync(_host, call)).Should().NotBeNull();
        return [.. _host.Log.Entries.Select(entry => entry.Id.Id)];
    }

    private async Task<StsError?> RunAsync(TestHost host, Func<Task<StsError?>> call)
    {
        host.Log.Clear();
        _isMine.Value = true;
        var refusal = await call();
        _isMine.Value = false;
        return refusal;
    }

    private void Count(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (_isMine.Value)
        {
            _counted.Enqueue($"{instrument.Name} {string.Join(' ', tags.ToArray())}");
        }
    }

    private sealed class ByOtherMeans(bool allows) : IAuthorizer
    {
        public ValueTask<Decision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(allows ? Decision.AllowedByHost() : Decision.DeniedByHost(request.Action));
    }
}
