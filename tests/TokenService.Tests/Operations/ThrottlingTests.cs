using System.Reflection;

namespace TokenService.Tests.Operations;

public sealed class ThrottlingTests
{
    /// <summary>Those that have a caller; who signs in with an identity provider's token is counted by address, by the endpoint.</summary>
    public static TheoryData<string> Operations =>
        [.. typeof(ITokenIssuer).GetMethods().Where(method => method.GetParameters()[0].ParameterType == typeof(Caller)).Select(method => method.Name)];

    [Theory, MemberData(nameof(Operations))]
    public async Task Every_operation_refuses_a_caller_that_asks_too_often(string operation)
    {
        using var host = new TestHost(options => options.Throttling.Principal = new RequestRate(1, 1));
        host.AddUser("alice");
        var alice = await host.UserAsync("alice");
        (await CallAsync(host.Issuer, operation, alice)).Should().NotBe("Throttling");
        (await CallAsync(host.Issuer, operation, alice)).Should().Be("Throttling");
        host.Clock.Advance(Duration.FromSeconds(1));
        (await CallAsync(host.Issuer, operation, alice)).Should().NotBe("Throttling");
    }

    [Fact]
    public async Task Nobody_is_throttled_where_no_rate_is_set()
    {
        using var host = new TestHost();
        host.AddUser("alice");
        var alice = await host.UserAsync("alice");
        for (var request = 0; request < 2000; request++)
        {
            (await host.Issuer.GetCallerIdentityAsync(alice)).IsSuccess.Should().BeTrue();
        }
    }

    [Fact]
    public async Task Sessions_of_a_principal_count_as_it()
    {
        using var host = new TestHost(options => options.Throttling.Principal = new RequestRate(2, 1));
        host.AddUser("alice");
        var role = host.AddRole("r", AssumeRoleTests.Trust("arn:aws:iam::111122223333:user/alice"));
        var alice = await host.UserAsync("alice");
        var own = await host.CallerAsync((await host.Issuer.GetSessionTokenAsync(alice, new GetSessionTokenRequest())).Value.Credentials);
        var assumed = await host.CallerAsync((await host.Issuer.AssumeRoleAsync(
            own, new AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = "one" })).Value.Credentials);
        (await host.Issuer.GetCallerIdentityAsync(alice)).Error.Should().Be(StsError.Throttling());
        (await host.Issuer.GetCallerIdentityAsync(own)).Error.Should().Be(StsError.Throttling());
        (await host.Issuer.GetCallerIdentityAsync(assumed)).IsSuccess.Should().BeTrue("the role is another principal");
        (await host.Issuer.GetCallerIdentityAsync(await host.RootAsync())).IsSuccess.Should().BeTrue("and so is the root");
    }

    [Fact]
    public async Task Account_is_throttled_whoever_of_it_asks()
    {
        using var host = new TestHost(options => options.Throttling.Account = new RequestRate(1, 1));
        host.AddUser("alice");
        host.AddUser("bob", account: host.Away);
        (await host.Issuer.GetCallerIdentityAsync(await host.UserAsync("alice"))).IsSuccess.Should().BeTrue();
        (await host.Issuer.GetCallerIdentityAsync(await host.RootAsync())).Error.Should().Be(StsError.Throttling());
        (await host.Issuer.GetCallerIdentityAsync(await host.UserAsync("bob", host.Away))).IsSuccess.Should().BeTrue();
    }

    /// <summary>Calls an operation with a request in which nothing is set, and gives the code of its answer.</summary>
    private static async Task<string?> CallAsync(ITokenIssuer issuer, string operation, Caller caller)
    {
        var method = typeof(ITokenIssuer).GetMethod(operation)!;
        var arguments = method.GetParameters().Select(parameter =>
            parameter.ParameterType == typeof(Caller) ? caller
            : parameter.ParameterType.Name.EndsWith("Request", StringComparison.Ordinal) ? Activator.CreateInstance(parameter.ParameterType)
            : parameter.ParameterType == typeof(CancellationToken) ? CancellationToken.None
            : null);
        var running = method.Invoke(issuer, BindingFlags.DoNotWrapExceptions, null, [.. arguments], null)!;
        var task = (Task)running.GetType().GetMethod("AsTask")!.Invoke(running, null)!;
        await task;
        var result = task.GetType().GetProperty("Result")!.GetValue(task)!;
        return ((StsError?)result.GetType().GetProperty("Error")!.GetValue(result))?.Code;
    }
}
