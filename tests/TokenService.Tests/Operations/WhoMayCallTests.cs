using System.Reflection;
using TokenService.Tests.Federation;
using TokenService.Tests.Federation.Saml;

namespace TokenService.Tests.Operations;

/// <summary>Reference 3.1: every kind of caller against every operation. Each caller has all permissions that it can have.</summary>
public sealed class WhoMayCallTests : IDisposable
{
    private const string AllowAll = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""";
    private const string TrustAll = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}}""";
    private const string Yes = "allowed";
    private const string NoRoot = "Roles may not be assumed by root accounts.";
    private const string NoOtherRoot = "is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::444455556666:root";
    private const string Task = "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy";
    private const string NotAuthorized = "is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/target";

    private const string NoDecoding = "is not authorized to perform: sts:DecodeAuthorizationMessage";
    private const string NoKeyInfo = "is not authorized to perform: sts:GetAccessKeyInfo";

    private const string NoTrade = "is not authorized to perform: sts:GetDelegatedAccessToken";
    private const string NoWeb = ":self";

    /// <summary>Whoever may ask is told that this is no message.</summary>
    private const string NoMessage = "InvalidAuthorizationMessageException";

    private static readonly CallerKind[] Kinds =
    [
        CallerKind.User, CallerKind.Root, CallerKind.RoleSession, CallerKind.UserSession, CallerKind.RootSession, CallerKind.FederatedUser,
        CallerKind.AssumedRoot, CallerKind.Delegated,
    ];

    /// <summary>What each operation answers to each of <see cref="Kinds"/>.</summary>
    private static readonly Dictionary<string, string[]> Answers = new(StringComparer.Ordinal)
    {
        [nameof(ITokenIssuer.AssumeRoleAsync)] = [Yes, NoRoot, Yes, Yes, NoRoot, NotAuthorized, NoRoot, NotAuthorized],

        // Nobody has to sign it, so whoever does is not looked at.
        [nameof(ITokenIssuer.AssumeRoleWithSamlAsync)] = [.. Enumerable.Repeat(Yes, 8)],
        [nameof(ITokenIssuer.AssumeRoleWithWebIdentityAsync)] = [.. Enumerable.Repeat(Yes, 8)],
        [nameof(ITokenIssuer.AssumeRootAsync)] = [Yes, NoOtherRoot, Yes, .. Enumerable.Repeat(NoOtherRoot, 5)],
        [nameof(ITokenIssuer.DecodeAuthorizationMessageAsync)] = [NoMessage, NoMessage, NoMessage, .. Enumerable.Repeat(NoDecoding, 5)],
        [nameof(ITokenIssuer.GetAccessKeyInfoAsync)] = [Yes, Yes, Yes, .. Enumerable.Repeat(NoKeyInfo, 5)],
        [nameof(ITokenIssuer.GetCallerIdentityAsync)] = [.. Enumerable.Repeat(Yes, 8)],
        [nameof(ITokenIssuer.GetDelegatedAccessTokenAsync)] = [Yes, Yes, Yes, .. Enumerable.Repeat(NoTrade, 5)],
        [nameof(ITokenIssuer.GetWebIdentityTokenAsync)] = [Yes, NoWeb, Yes, .. Enumerable.Repeat(NoWeb, 5)],
        [nameof(ITokenIssuer.GetSessionTokenAsync)] = [Yes, Yes, .. Enumerable.Repeat("Cannot call GetSessionToken with session credentials", 6)],
        [nameof(ITokenIssuer.GetFederationTokenAsync)] = [Yes, Yes, .. Enumerable.Repeat("Cannot call GetFederationToken with session credentials", 6)],
    };

    private readonly TestHost _host = TestHost.Issuing();
    private readonly TokenMaker _provider = new();

    public WhoMayCallTests()
    {
        _host.Store.Put(_host.Home with { OrganizationId = "o-a", ManagesMemberRoots = true });
        _host.Store.Put(_host.Away with { OrganizationId = "o-a" });
        _host.AddUser("alice", AllowAll);
        _host.AddRole("target", TrustAll);
        _host.AddRole("first", TrustAll, AllowAll);
        _host.AddRole("web", """
            {"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/issuer.example/realm"},
            "Action":"sts:AssumeRoleWithWebIdentity"}}
            """);
        _host.AddRole("Reader", $$"""
            {"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"{{Responses.Provider}}"},"Action":"sts:AssumeRoleWithSAML"} }
            """, path: "/staff/");
        _host.Store.Put(IdentityProvider.Trusted.Register(_host.Home));
        _host.Store.Put(new OidcProvider(_host.Home, TokenMaker.Issuer, [TokenMaker.Client]) { Jwks = _provider.Jwks });
    }

    public static TheoryData<string, CallerKind, string> Cells()
    {
        var cells = new TheoryData<string, CallerKind, string>();
        foreach (var (operation, answers) in Answers)
        {
            foreach (var (kind, answer) in Kinds.Zip(answers))
            {
                cells.Add(operation, kind, answer);
            }
        }

        return cells;
    }

    public void Dispose()
    {
        _host.Dispose();
        _provider.Dispose();
    }

    [Theory, MemberData(nameof(Cells))]
    public async Task Kind_of_caller_is_answered_as_the_matrix_says(string operation, CallerKind kind, string answer)
    {
        var caller = await CallerAsync(kind);
        caller.Kind.Should().Be(kind);
        var refusal = operation switch
        {
            nameof(ITokenIssuer.AssumeRoleAsync) => (await AssumeAsync(caller, "target")).Error,
            nameof(ITokenIssuer.AssumeRoleWithSamlAsync) => (await _host.Issuer.AssumeRoleWithSamlAsync(new AssumeRoleWithSamlRequest
            {
                RoleArn = Responses.Role,
                PrincipalArn = Responses.Provider,
                SamlAssertion = IdentityProvider.Trusted.Sign(Responses.Good()),
            })).Error,
            nameof(ITokenIssuer.AssumeRoleWithWebIdentityAsync) => (await _host.Issuer.AssumeRoleWithWebIdentityAsync(new AssumeRoleWithWebIdentityRequest
            {
                RoleArn = "arn:aws:iam::111122223333:role/web",
                RoleSessionName = "s1",
                WebIdentityToken = _provider.Sign(TokenMaker.Claims(TestHost.Start)),
            })).Error,
            nameof(ITokenIssuer.AssumeRootAsync) => (await AssumeRootAsync(caller)).Error,
            nameof(ITokenIssuer.DecodeAuthorizationMessageAsync) =>
                (await _host.Issuer.DecodeAuthorizationMessageAsync(caller, new DecodeAuthorizationMessageRequest { EncodedMessage = "none" })).Error,
            nameof(ITokenIssuer.GetAccessKeyInfoAsync) =>
                (await _host.Issuer.GetAccessKeyInfoAsync(caller, new GetAccessKeyInfoRequest { AccessKeyId = "AKIARTX3GSDSVPMANSL7" })).Error,
            nameof(ITokenIssuer.GetCallerIdentityAsync) => (await _host.Issuer.GetCallerIdentityAsync(caller)).Error,
            nameof(ITokenIssuer.GetSessionTokenAsync) => (await _host.Issuer.GetSessionTokenAsync(caller, new GetSessionTokenRequest())).Error,
            nameof(ITokenIssuer.GetFederationTokenAsync) =>
                (await _host.Issuer.GetFederationTokenAsync(caller, new GetFederationTokenRequest { Name = "carol", Policy = AllowAll })).Error,
            nameof(ITokenIssuer.GetDelegatedAccessTokenAsync) => (await RedeemAsync(caller)).Error,
            nameof(ITokenIssuer.GetWebIdentityTokenAsync) => (await _host.Issuer.GetWebIdentityTokenAsync(
                caller, new GetWebIdentityTokenRequest { Audience = ["https://api.example"], SigningAlgorithm = "ES384" })).Error,
            _ => throw new ArgumentException("The operation has no column.", nameof(operation)),
        };
        if (answer == Yes)
        {
            refusal.Should().BeNull();
        }
        else if (answer == NoMessage)
        {
            refusal!.Code.Should().Be(NoMessage);
        }
        else
        {
            (refusal!.Code, refusal.HttpStatus).Should().Be(("AccessDenied", 403));
            refusal.Message.Should().EndWith(answer);
        }
    }

    [Fact]
    public void Matrix_has_a_row_for_every_operation() =>
        typeof(ITokenIssuer).GetMethods(BindingFlags.Public | BindingFlags.Instance).Select(method => method.Name).Should().BeEquivalentTo(Answers.Keys);

    [Fact]
    public void Kinds_of_the_matrix_are_all_there_are() => Kinds.Should().BeEquivalentTo(Enum.GetValues<CallerKind>());

    [Fact]
    public void Kind_that_nobody_can_be_has_no_name_and_no_rights()
    {
        // A caller without user and role looks like a root: a kind that was forgotten, or a loan of nobody's, must not pass for one.
        var constructor = typeof(Caller).GetConstructors(BindingFlags.NonPublic | BindingFlags.Instance).Single();
        foreach (var kind in new[] { CallerKind.Delegated, (CallerKind)99 })
        {
            var caller = (Caller)constructor.Invoke([kind, _host.Home, null, null, null, null]);
            caller.Invoking(each => each.Principal).Should().Throw<NotSupportedException>();
            caller.Invoking(each => each.Arn).Should().Throw<NotSupportedException>();
            caller.Invoking(each => each.PrincipalArn).Should().Throw<NotSupportedException>();
            caller.Invoking(each => each.UserId).Should().Throw<NotSupportedException>();
        }
    }

    private async Task<StsResult<AssumeRoleResponse>> AssumeAsync(Caller caller, string role) =>
        await _host.Issuer.AssumeRoleAsync(
            caller, new AssumeRoleRequest { RoleArn = $"arn:aws:iam::111122223333:role/{role}", RoleSessionName = "s1" });

    private async Task<StsResult<AssumeRootResponse>> AssumeRootAsync(Caller caller) =>
        await _host.Issuer.AssumeRootAsync(caller, new AssumeRootRequest { TargetPrincipal = "444455556666", TaskPolicyArn = Task });

    /// <summary>With a token that alice issued to the caller's account.</summary>
    private async Task<StsResult<GetDelegatedAccessTokenResponse>> RedeemAsync(Caller caller)
    {
        var grant = new TradeInGrant { RequesterAccount = caller.Account.Id, Policy = AllowAll, Lifetime = Duration.FromHours(1) };
        var token = _host.Get<TradeInTokens>().Issue(await _host.UserAsync("alice"), grant).Value;
        return await _host.Issuer.GetDelegatedAccessTokenAsync(caller, new GetDelegatedAccessTokenRequest { TradeInToken = token.Reveal() });
    }

    private async Task<Caller> CallerAsync(CallerKind kind)
    {
        var alice = await _host.UserAsync("alice");
        var root = await _host.RootAsync();
        return kind switch
        {
            CallerKind.User => alice,
            CallerKind.Root => root,
            CallerKind.RoleSession => await _host.CallerAsync((await AssumeAsync(alice, "first")).Value.Credentials),
            CallerKind.UserSession =>
                await _host.CallerAsync((await _host.Issuer.GetSessionTokenAsync(alice, new GetSessionTokenRequest())).Value.Credentials),
            CallerKind.RootSession =>
                await _host.CallerAsync((await _host.Issuer.GetSessionTokenAsync(root, new GetSessionTokenRequest())).Value.Credentials),
            CallerKind.FederatedUser => await _host.CallerAsync(
                (await _host.Issuer.GetFederationTokenAsync(alice, new GetFederationTokenRequest { Name = "carol", Policy = AllowAll })).Value.Credentials),
            CallerKind.AssumedRoot => await _host.CallerAsync((await AssumeRootAsync(alice)).Value.Credentials),
            CallerKind.Delegated => await _host.CallerAsync((await RedeemAsync(alice)).Value.Credentials),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
    }
}
