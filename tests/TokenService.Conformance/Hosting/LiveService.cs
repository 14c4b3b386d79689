using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TokenService.AspNetCore;

namespace TokenService.Conformance;

/// <summary>Credentials as a client is configured with them.</summary>
public sealed record Keys(string Id, string Secret, string? Token = null);

/// <summary>The endpoint as a host serves it, on a free port of the loopback address, with two accounts that tests add to.</summary>
public sealed class LiveService : IAsyncLifetime
{
    internal const string AllowAll = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""";

    /// <summary>The service that the protected resource's requests are signed for.</summary>
    internal const string ResourceService = "execute-api";

    private const string KeyAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private readonly Action<TokenServiceEndpointOptions>? _configure;
    private readonly TimeSpan _fetchTimeout;
    private WebApplication? _app;

    public LiveService()
        : this(null)
    {
    }

    /// <summary>Makes a service.</summary>
    /// <param name="configure">Sets the options of the endpoint.</param>
    /// <param name="fetchTimeout">How long a fetch from an identity provider may take; the default where it is absent.</param>
    internal LiveService(Action<TokenServiceEndpointOptions>? configure, TimeSpan? fetchTimeout = null)
    {
        _configure = configure;
        _fetchTimeout = fetchTimeout ?? new OidcOptions().FetchTimeout;
    }

    internal static Account Home { get; } = new("111122223333");

    internal static Account Away { get; } = new("444455556666");

    internal InMemoryIdentityStore Store { get; } = new();

    internal ShiftedClock Clock { get; } = new();

    internal Uri Url { get; private set; } = new("http://127.0.0.1:0/");

    internal HttpClient Http { get; } = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });

    /// <summary>Home's root.</summary>
    internal Keys Root { get; } = NewKeys();

    public async Task InitializeAsync()
    {
        // Clients that run in this process ask no proxy for a loopback address.
        HttpClient.DefaultProxy = new WebProxy();
        Store.Put(Home with { RootAccessKeys = [ToAccessKey(Root)] });
        Store.Put(Away);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var address = FreeAddress();
        builder.WebHost.UseUrls(address).UseKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddSingleton<IClock>(Clock);
        builder.Services.AddSingleton(Store);
        builder.Services.AddTemporaryCredentials(options =>
        {
            options.PublicAddress = address;
            options.Oidc.FetchTimeout = _fetchTimeout;
        }).AddSaml();
        builder.Services.AddAuthentication().AddSigV4(options => options.Rules = new SignatureRules { Service = ResourceService });
        builder.Services.AddAuthorization();
        _app = builder.Build();
        _app.UseAuthentication();
        _app.UseAuthorization();
        _app.MapTokenService(_configure);
        _app.MapGet("/whoami", (HttpContext context) => Results.Text(context.GetCaller()!.Arn.ToString())).RequireAuthorization();
        await _app.StartAsync();
        Url = new Uri(_app.Urls.Single());
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    internal static Keys NewKeys() => new(
        "AKIA" + RandomNumberGenerator.GetString(KeyAlphabet, 16), Convert.ToBase64String(RandomNumberGenerator.GetBytes(30)));

    /// <summary>A user with a key and one policy, or none.</summary>
    internal Keys AddUser(string name, string? policy = null, Account? account = null, Arn? boundary = null)
    {
        var keys = NewKeys();
        Store.Put(User.Create(account ?? Home, name) with
        {
            AccessKeys = [ToAccessKey(keys)],
            InlinePolicies = Inline(policy),
            PermissionsBoundary = boundary,
        });
        return keys;
    }

    /// <summary>A role that trusts whomever the document says.</summary>
    internal Role AddRole(string name, string trust, string? policy = null, Account? account = null, string path = "/", int hours = 1)
    {
        var role = Role.Create(account ?? Home, name, PolicyDocument.Parse(trust, PolicyKind.Trust), path) with
        {
            InlinePolicies = Inline(policy),
            MaxSessionDuration = Duration.FromHours(hours),
        };
        Store.Put(role);
        return role;
    }

    /// <summary>A managed policy.</summary>
    internal Arn AddPolicy(string name, string document, Account? account = null)
    {
        var arn = Arn.Parse($"arn:aws:iam::{(account ?? Home).Id}:policy/{name}");
        Store.Put(new Policy(name, arn, PolicyDocument.Parse(document, PolicyKind.Identity)));
        return arn;
    }

    /// <summary>The session that credentials belong to, as the service's own door for hosts tells it.</summary>
    internal async Task<Session> SessionAsync(Keys keys) =>
        (await _app!.Services.GetRequiredService<Callers>().FromCredentialsAsync(keys.Id, new Secret(keys.Secret), keys.Token)).Value.Session!;

    /// <summary>What a service of the host would tell a caller that it denies: the reasons, sealed.</summary>
    internal async Task<string> DenyAsync(Keys keys, string action, string resource)
    {
        var services = _app!.Services;
        var caller = (await services.GetRequiredService<Callers>().FromCredentialsAsync(keys.Id, new Secret(keys.Secret), keys.Token)).Value;
        var decision = await services.GetRequiredService<IAuthorizer>().AuthorizeAsync(new AuthorizationRequest { Caller = caller, Action = action, Resource = resource });
        return services.GetRequiredService<AuthorizationMessages>().TryEncode(decision, out var message)
            ? message
            : throw new InvalidOperationException($"{action} is not denied.");
    }

    /// <summary>The name under which an account's web identity tokens are issued.</summary>
    internal string IssuerOf(Account account) => _app!.Services.GetRequiredService<WebIdentityIssuer>().IssuerOf(account)!;

    /// <summary>A trade-in token of a user of home.</summary>
    internal async Task<string> TradeInTokenAsync(string approver, string requesterAccount, string policy)
    {
        var services = _app!.Services;
        var caller = (await services.GetRequiredService<Callers>().ForUserAsync(Home.Id, approver)).Value;
        return services.GetRequiredService<TradeInTokens>()
            .Issue(caller, new TradeInGrant { RequesterAccount = requesterAccount, Policy = policy, Lifetime = Duration.FromHours(1) }).Value.Reveal();
    }

    /// <summary>An issuer has its port in its name, so it is chosen before the server binds it.</summary>
    internal static string FreeAddress()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://{listener.LocalEndpoint}";
    }

    /// <summary>A trust policy for one principal.</summary>
    internal static string Trust(string principal, string actions = """["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]""", string? condition = null) =>
        $$"""
        { "Version": "2012-10-17", "Statement": {
          "Effect": "Allow", "Principal": { "AWS": "{{principal}}" }, "Action": {{actions}}, "Condition": {{condition ?? "{}"}} } }
        """;

    private static AccessKey ToAccessKey(Keys keys) => new(keys.Id, new Secret(keys.Secret));

    private static ImmutableArray<Policy> Inline(string? policy) =>
        policy is null ? [] : [new Policy("inline", null, PolicyDocument.Parse(policy, PolicyKind.Identity))];
}

/// <summary>The real time, because real clients sign with theirs, which a test may shift within what the service tolerates.</summary>
internal sealed class ShiftedClock : IClock
{
    internal Duration Shift { get; set; }

    public Instant GetCurrentInstant() => SystemClock.Instance.GetCurrentInstant() + Shift;
}
