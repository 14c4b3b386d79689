using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Amazon.SecurityToken;
using TokenService.Testing;

namespace TokenService.Conformance;

/// <summary>The service against an OpenID provider that others wrote, npm's <c>oidc-provider</c>: what it signs, publishes and does is its own.</summary>
public sealed class NpmProviderTests : IAsyncLifetime, IDisposable
{
    private static readonly Duration TokenLifetime = Duration.FromDays(3);

    private readonly LiveService _service = new(options => options.Throttling.Unsigned = options.Throttling.Source = null, TimeSpan.FromSeconds(3));
    private NpmProvider _provider = null!;
    private AmazonSecurityTokenServiceClient? _client;
    private string _role = "";

    public async Task InitializeAsync()
    {
        await _service.InitializeAsync();
        _provider = await NpmProvider.StartAsync(TokenLifetime);
        _client = new AmazonSecurityTokenServiceClient(
            new AnonymousAWSCredentials(), new AmazonSecurityTokenServiceConfig { ServiceURL = _service.Url.ToString(), AuthenticationRegion = "us-east-1" });
        _role = AddRole(LiveService.Home, NpmProvider.Client);
    }

    public async Task DisposeAsync()
    {
        await _provider.DisposeAsync();
        await _service.DisposeAsync();
    }

    public void Dispose() => _client?.Dispose();

    [Fact]
    public async Task Sign_in_by_code_with_PKCE_gives_a_token_whose_key_discovery_finds()
    {
        var (token, _) = await _provider.SignInAsync("alice");
        var answer = await AssumeAsync(token!);
        (answer.SubjectFromWebIdentityToken, answer.Audience).Should().Be(("alice", NpmProvider.Client));
        answer.Provider.Should().Be($"arn:aws:iam::111122223333:oidc-provider/{_provider.Issuer["http://".Length..]}");

        (await CodeAsync((await _provider.SignInAsync("mallory")).Token!)).Should().Be("AccessDenied", "the trust policy names alice");
        (await CodeAsync(token!, AddRole(LiveService.Away, "another-client"))).Should().Be("InvalidIdentityToken", "the token is for another client");
        (await CodeAsync(token![..^8] + "AAAAAAAA")).Should().Be("InvalidIdentityToken");
        (await _provider.SignInAsync("alice", verifier: new string('x', 43))).Should().Be((null, "invalid_grant"), "the provider holds the code to its challenge");
    }

    [Fact]
    public async Task Keys_rotate_while_requests_run_and_none_fails()
    {
        var tokens = new ConcurrentQueue<string>([(await _provider.SignInAsync("alice")).Token!]);
        (await CodeAsync(tokens.Single())).Should().BeNull();
        using var stop = new CancellationTokenSource();
        var refusals = new ConcurrentQueue<string>();
        var answered = 0;
        var running = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                foreach (var token in tokens)
                {
                    if (await CodeAsync(token) is { } code)
                    {
                        refusals.Enqueue(code);
                    }

                    Interlocked.Increment(ref answered);
                }
            }
        })).ToList();
        await WaitForAsync(() => Volatile.Read(ref answered) > 50);
        await _provider.RotateAsync();
        tokens.Enqueue((await _provider.SignInAsync("alice")).Token!);
        var before = Volatile.Read(ref answered);
        await WaitForAsync(() => Volatile.Read(ref answered) > before + 100);
        await stop.CancelAsync();
        await Task.WhenAll(running);
        refusals.Should().BeEmpty();
        tokens.Select(KeyIdOf).Should().OnlyHaveUniqueItems().And.HaveCount(2);
    }

    [Fact]
    public async Task Keys_of_a_provider_that_stopped_serve_until_they_expire()
    {
        var token = (await _provider.SignInAsync("alice")).Token!;
        (await CodeAsync(token)).Should().BeNull();
        await _provider.DisposeAsync();
        (await CodeAsync(token)).Should().BeNull();

        // An hour where the provider says nothing of it, and a day beyond that while it is down.
        _service.Clock.Shift = Duration.FromHours(25) - Duration.FromMinutes(10);
        (await CodeAsync(token)).Should().BeNull();
        _service.Clock.Shift = Duration.FromHours(25) + Duration.FromMinutes(1);
        (await CodeAsync(token)).Should().Be("IDPCommunicationError");
    }

    [Fact]
    public async Task Provider_that_stopped_before_anybody_asked_is_a_communication_error()
    {
        var token = (await _provider.SignInAsync("alice")).Token!;
        await _provider.DisposeAsync();
        (await CodeAsync(token)).Should().Be("IDPCommunicationError");
    }

    [Theory]
    [InlineData("discovery", "no answer", "IDPCommunicationError")]
    [InlineData("keys", "no answer", "IDPCommunicationError")]
    [InlineData("discovery", "a byte at a time", "IDPCommunicationError")]
    [InlineData("keys", "a byte at a time", "IDPCommunicationError")]
    [InlineData("keys", "cut off", "IDPCommunicationError")]
    [InlineData("discovery", "garbage", "InvalidIdentityToken")]
    [InlineData("keys", "garbage", "InvalidIdentityToken")]
    [InlineData("discovery", "10 MB", "InvalidIdentityToken")]
    [InlineData("keys", "10 MB", "InvalidIdentityToken")]
    [InlineData("discovery", "redirect", "InvalidIdentityToken")]
    [InlineData("keys", "redirect", "InvalidIdentityToken")]
    [InlineData("discovery", "another issuer", "InvalidIdentityToken")]
    [InlineData("discovery", "another slash", "InvalidIdentityToken")]
    public async Task Provider_that_misbehaves_is_refused_and_recovers_once_it_behaves(string part, string fault, string code)
    {
        var token = (await _provider.SignInAsync("alice")).Token!;
        await _provider.MisbehaveAsync(part, fault);
        (await CodeAsync(token)).Should().Be(code);

        // It is asked again when the interval between two attempts is over.
        await _provider.BehaveAsync();
        _service.Clock.Shift = Duration.FromSeconds(31);
        (await CodeAsync(token)).Should().BeNull();

        // Keys that are known outlive what it does then.
        await _provider.MisbehaveAsync(part, fault);
        _service.Clock.Shift = Duration.FromHours(2);
        (await CodeAsync(token)).Should().BeNull();
        _provider.Output.Should().NotContain("Redirect followed");
    }

    /// <summary>Lets the requests that run beside the test go on.</summary>
    private static async Task WaitForAsync(Func<bool> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (!isSo())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), patience.Token);
        }
    }

    private static string KeyIdOf(string token) =>
        JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[0]))!["kid"]!.ToString();

    private string AddRole(Account account, string client)
    {
        var provider = new OidcProvider(account, _provider.Issuer, [client], allowPlainHttp: true);
        _service.Store.Put(provider);
        var role = Role.Create(account, "signed-in", TestPolicy.Trust(provider, "alice"));
        _service.Store.Put(role);
        return role.Arn.ToString();
    }

    private async Task<string?> CodeAsync(string token, string? role = null)
    {
        try
        {
            await AssumeAsync(token, role);
            return null;
        }
        catch (AmazonSecurityTokenServiceException refused)
        {
            return refused.ErrorCode;
        }
    }

    private Task<Amazon.SecurityToken.Model.AssumeRoleWithWebIdentityResponse> AssumeAsync(string token, string? role = null) =>
        _client!.AssumeRoleWithWebIdentityAsync(new Amazon.SecurityToken.Model.AssumeRoleWithWebIdentityRequest
        {
            RoleArn = role ?? _role,
            RoleSessionName = "browser",
            WebIdentityToken = token,
        });
}
