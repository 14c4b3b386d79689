using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime.Testing;

namespace TokenService.Tests;

/// <summary>The library as a host embeds it, with a clock that stands still until a test moves it, and everything that is logged kept.</summary>
internal sealed class TestHost : IDisposable
{
    internal static readonly Instant Start = Instant.FromUtc(2026, 1, 2, 3, 4, 5);

    private readonly ServiceProvider _services;

    /// <summary>A ring that signs web identity tokens; making its RSA key takes long, so tests have one together.</summary>
    internal static KeyRing SigningRing { get; } = new(RootKey.Generate())
    {
        WebIdentityKeys = [WebIdentityKey.Generate(WebIdentityAlgorithm.RS256), WebIdentityKey.Generate(WebIdentityAlgorithm.ES384)],
    };

    /// <summary>A host that is an OpenID provider under an address.</summary>
    internal static TestHost Issuing(string? address = "https://sts.example") =>
        new(options => options.PublicAddress = address, services => services.AddSingleton<IKeyRing>(SigningRing), builder => builder.AddSaml());

    /// <summary>A host that offers sign-in with SAML, under a SAML name of its own or AWS's.</summary>
    internal static TestHost WithSaml(Action<SamlOptions>? configure = null) => new(add: builder => builder.AddSaml(configure));

    internal TestHost(
        Action<TemporaryCredentialsOptions>? configure = null, Action<IServiceCollection>? register = null, Action<TemporaryCredentialsBuilder>? add = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IClock>(Clock);
        services.AddSingleton<ILoggerFactory>(Log);
        register?.Invoke(services);
        var builder = services.AddTemporaryCredentials(configure);
        add?.Invoke(builder);
        _services = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
        Store.Put(Home);
        Store.Put(Away);
    }

    internal FakeClock Clock { get; } = new(Start);

    internal RecordingLog Log { get; } = new();

    internal Account Home { get; } = new("111122223333");

    internal Account Away { get; } = new("444455556666");

    internal InMemoryIdentityStore Store => _services.GetRequiredService<InMemoryIdentityStore>();

    internal ITokenIssuer Issuer => _services.GetRequiredService<ITokenIssuer>();

    internal RequestAuthenticator Authenticator => _services.GetRequiredService<RequestAuthenticator>();

    internal Callers Callers => _services.GetRequiredService<Callers>();

    internal T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>A user with one policy, or none.</summary>
    internal User AddUser(string name, string? policy = null, Account? account = null)
    {
        var user = User.Create(account ?? Home, name) with { InlinePolicies = Inline(policy, PolicyKind.Identity) };
        Store.Put(user);
        return user;
    }

    /// <summary>A role that trusts whomever the document says.</summary>
    internal Role AddRole(string name, string trust, string? policy = null, Account? account = null, string path = "/")
    {
        var role = Role.Create(account ?? Home, name, PolicyDocument.Parse(trust, PolicyKind.Trust), path) with
        {
            InlinePolicies = Inline(policy, PolicyKind.Identity),
        };
        Store.Put(role);
        return role;
    }

    internal async Task<Caller> UserAsync(string name, Account? account = null) => (await Callers.ForUserAsync((account ?? Home).Id, name)).Value;

    internal async Task<Caller> RootAsync(Account? account = null) => (await Callers.ForRootAsync((account ?? Home).Id)).Value;

    /// <summary>Whether the caller may do something to a resource, by the policies as they are now.</summary>
    internal async Task<bool> MayAsync(Caller caller, string action, string resource = "*", PolicyDocument? resourcePolicy = null) =>
        (await Get<IAuthorizer>().AuthorizeAsync(
            new AuthorizationRequest
            {
                Caller = caller,
                Action = action,
                Resource = resource,

                // Buckets are the caller's own here; other ARNs name their account.
                ResourceAccount = resource.StartsWith("arn:aws:s3:::", StringComparison.Ordinal) ? caller.Account.Id : null,
                ResourcePolicy = resourcePolicy,
            })).IsAllowed;

    /// <summary>The code of the refusal of credentials that are no more, or <see langword="null"/> where they are good.</summary>
    internal async Task<string?> RefusalAsync(TemporaryCredentials credentials) =>
        (await Callers.FromCredentialsAsync(credentials.AccessKeyId, credentials.SecretAccessKey, credentials.SessionToken)).Error?.Code;

    internal async Task<Caller> CallerAsync(TemporaryCredentials credentials) =>
        (await Callers.FromCredentialsAsync(credentials.AccessKeyId, credentials.SecretAccessKey, credentials.SessionToken)).Value;

    public void Dispose() => _services.Dispose();

    private static System.Collections.Immutable.ImmutableArray<Policy> Inline(string? policy, PolicyKind kind) =>
        policy is null ? [] : [new Policy("inline", null, PolicyDocument.Parse(policy, kind))];
}

/// <summary>Keeps what is logged.</summary>
internal sealed class RecordingLog : ILoggerFactory, ILogger
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<(EventId Id, LogLevel Level, string Text)> _entries = new();

    internal IEnumerable<(EventId Id, LogLevel Level, string Text)> Entries => _entries;

    internal void Clear() => _entries.Clear();

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _entries.Enqueue((eventId, logLevel, formatter(state, exception)));

    public void Dispose()
    {
    }
}
