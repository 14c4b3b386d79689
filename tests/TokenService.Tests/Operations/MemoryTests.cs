namespace TokenService.Tests.Operations;

/// <summary>Alone, because what the process keeps is measured.</summary>
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
[Collection(nameof(MemoryTests))]
public sealed class MemoryTests : IDisposable
{
    private readonly TestHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Minting_keeps_nothing_however_many_sessions_there_are()
    {
        _host.AddUser("alice");
        var role = _host.AddRole("r", AssumeRoleTests.Trust("arn:aws:iam::111122223333:user/alice"));
        var caller = await _host.UserAsync("alice");
        var count = Environment.GetEnvironmentVariable("TOKENSERVICE_LONG") is null ? 50_000 : 1_000_000;
        await MintAsync(20_000);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await MintAsync(count);
        (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(8 << 20, "{0} sessions were minted", count);

        Task MintAsync(int sessions) => Parallel.ForAsync(0, sessions, async (index, cancellation) =>
        {
            // Policies that differ, so that what is remembered of them is bounded too.
            var result = await _host.Issuer.AssumeRoleAsync(
                caller,
                new AssumeRoleRequest
                {
                    RoleArn = role.Arn.ToString(),
                    RoleSessionName = "s1",
                    Policy = $$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b{{index}}"} }""",
                },
                cancellationToken: cancellation);
            result.IsSuccess.Should().BeTrue();
            _host.Log.Clear();
        });
    }
}
