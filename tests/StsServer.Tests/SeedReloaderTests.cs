using Microsoft.Extensions.Logging.Abstractions;
using StsServer.Seed;

namespace StsServer.Tests;

public sealed class SeedReloaderTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly SeedFile _file;
    private readonly SeedStore _store;
    private readonly SeedReloader _reloader;

    public SeedReloaderTests()
    {
        _file = new SeedFile(_folder.Write("seed.json", Json.User(""" "Path": "/" """)));
        var first = _file.Load();
        _store = new SeedStore(first.Directory!);
        _reloader = new SeedReloader(_file, first, _store, NullLogger<SeedReloader>.Instance);
    }

    [Fact]
    public async Task File_that_changed_is_loaded_whole()
    {
        _reloader.Refresh().Should().BeFalse();
        _folder.Write("seed.json", Json.Role(""" "MaxSessionDuration": 7200 """));
        _reloader.Refresh().Should().BeTrue();
        (await HasAliceAsync()).Should().BeFalse();
        (await _store.FindRoleAsync("111122223333", "deploy", CancellationToken.None)).Should().NotBeNull();
        _reloader.Refresh().Should().BeFalse();
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{ "Accounts": [ { "AccountId": "444455556666" }, { "AccountId": "1" } ] }""")]
    public async Task File_with_a_fault_changes_nothing_until_it_is_mended(string broken)
    {
        _folder.Write("seed.json", broken);
        _reloader.Refresh().Should().BeFalse();
        (await HasAliceAsync()).Should().BeTrue();
        (await _store.FindAccountAsync("444455556666", CancellationToken.None)).Should().BeNull();
        _folder.Write("seed.json", """{ "Accounts": [ { "AccountId": "444455556666" } ] }""");
        _reloader.Refresh().Should().BeTrue();
        (await HasAliceAsync()).Should().BeFalse();
    }

    [Fact]
    public async Task File_that_is_gone_changes_nothing()
    {
        File.Delete(_file.Path);
        _reloader.Refresh().Should().BeFalse();
        (await HasAliceAsync()).Should().BeTrue();
    }

    [Fact]
    public async Task Request_in_flight_finishes_on_what_it_began_with()
    {
        var changed = new TaskCompletionSource();
        async Task<bool> RequestAsync()
        {
            _store.Pin();
            await changed.Task;
            return await HasAliceAsync();
        }

        var inFlight = RequestAsync();
        _folder.Write("seed.json", Json.Role(""" "Path": "/" """));
        _reloader.Refresh().Should().BeTrue();
        changed.SetResult();
        (await inFlight).Should().BeTrue();
        (await HasAliceAsync()).Should().BeFalse();
    }

    public void Dispose() => _folder.Dispose();

    private async Task<bool> HasAliceAsync() => await _store.FindUserAsync("111122223333", "alice", CancellationToken.None) is not null;
}
