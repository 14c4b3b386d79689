using Microsoft.Extensions.Options;
using NodaTime.Testing;

namespace TokenService.Tests.Tokens;

public sealed class KeyRingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tokenservice-").FullName;
    private readonly FakeClock _clock = new(TestHost.Start);
    private readonly RecordingLog _log = new();

    private string RingPath => Path.Combine(_folder, "ring.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void File_is_made_on_first_start_for_its_owner_alone()
    {
        var ring = Open();
        ring.Find(ring.Current.Id).Should().BeSameAs(ring.Current);
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(RingPath).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        Directory.GetFiles(_folder).Should().BeEquivalentTo(RingPath, RingPath + ".lock");
    }

    [Fact]
    public void File_that_others_can_read_is_refused()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // there the folder's access list guards the file
        }

        Open();
        File.SetUnixFileMode(RingPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var open = () => Open();
        open.Should().Throw<InvalidDataException>().WithMessage("*GroupRead*");
    }

    [Fact]
    public void Restart_keeps_the_keys()
    {
        var before = Open().Current;
        var after = Open().Current;
        (after.Id, after.Export()).Should().Be((before.Id, before.Export()));
    }

    [Fact]
    public void Key_seals_until_its_time_is_over_and_opens_as_long_as_its_last_session_may_live()
    {
        var ring = Open();
        var first = ring.Current;
        _clock.Advance(Duration.FromDays(30) - Duration.FromTicks(1));
        ring.Current.Id.Should().Be(first.Id);
        _clock.Advance(Duration.FromTicks(1));
        var second = ring.Current;
        second.Id.Should().NotBe(first.Id);
        ring.Find(first.Id).Should().NotBeNull();
        _log.Entries.Should().Contain(entry => entry.Id.Id == 2001);

        // At the next rotation the first key's last session, of 36 hours, is long over.
        _clock.Advance(Duration.FromDays(30));
        var third = ring.Current;
        ring.Find(second.Id).Should().NotBeNull();
        ring.Find(first.Id).Should().BeNull();
        Open().Find(first.Id).Should().BeNull();
        Open().Current.Id.Should().Be(third.Id);
    }

    [Fact]
    public void Old_keys_stay_for_36_hours_also_where_keys_change_every_hour()
    {
        var ring = Open(Duration.FromHours(1));
        var ids = new List<uint>();
        for (var hour = 0; hour < 60; hour++)
        {
            ids.Add(ring.Current.Id);
            _clock.Advance(Duration.FromHours(1));
        }

        _ = ring.Current;
        ids.TakeLast(36).Should().AllSatisfy(id => ring.Find(id).Should().NotBeNull());
        ids.Take(20).Should().AllSatisfy(id => ring.Find(id).Should().BeNull());
    }

    [Fact]
    public void Two_processes_on_one_file_find_each_others_keys()
    {
        var one = Open();
        var two = Open();
        _clock.Advance(Duration.FromDays(31));
        var rotated = one.Current;
        two.Find(rotated.Id).Should().NotBeNull("an unknown id makes the ring look into its file again");
        two.Current.Id.Should().Be(rotated.Id, "one rotation is enough for both");
    }

    [Fact]
    public void Unknown_key_ids_make_the_ring_read_its_file_only_when_it_has_changed()
    {
        var ring = Open();
        var current = ring.Current;
        var text = File.ReadAllText(RingPath);
        File.SetLastWriteTimeUtc(RingPath, DateTime.UnixEpoch);
        ring.Find(0xdead).Should().BeNull();

        // The same time and length: whatever stands there now, nobody looks.
        File.WriteAllText(RingPath, new string('x', text.Length));
        File.SetLastWriteTimeUtc(RingPath, DateTime.UnixEpoch);
        ring.Find(0xbeef).Should().BeNull();
        _log.Entries.Should().NotContain(entry => entry.Id.Id == 2003);

        // Another time: it looks, finds no ring, says so, and goes on with what it knows.
        File.SetLastWriteTimeUtc(RingPath, DateTime.UnixEpoch.AddDays(1));
        ring.Find(0xbeef).Should().BeNull();
        ring.Find(0xbeef).Should().BeNull();
        ring.Find(current.Id).Should().BeSameAs(current);
        _log.Entries.Where(entry => entry.Id.Id == 2003).Should().ContainSingle("a file that cannot be read is tried again a minute later");
    }

    [Fact]
    public void Ring_that_cannot_be_rotated_goes_on_with_its_key_and_says_so()
    {
        var ring = Open();
        var first = ring.Current;
        _clock.Advance(Duration.FromDays(31));
        using (new FileStream(RingPath + ".lock", FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            ring.Current.Id.Should().Be(first.Id, "another process has its turn");
            _log.Entries.Should().Contain(entry => entry.Id.Id == 2002);
        }

        _clock.Advance(Duration.FromMinutes(1));
        ring.Current.Id.Should().NotBe(first.Id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"Keys":[]}""")]
    [InlineData("""{"Keys":[{"Id":"1","Material":"AAAA","CreatedAt":"2026-01-01T00:00:00Z"}]}""")]
    [InlineData("""{"Keys":[{"Id":"xyz","Material":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","CreatedAt":"2026-01-01T00:00:00Z"}]}""")]
    [InlineData("""{"Keys":[{"Id":"1","Material":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","CreatedAt":"yesterday"}]}""")]
    [InlineData("""{"Keys":[{"Id":"1","Material":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","CreatedAt":"2026-01-01T00:00:00Z"},{"Id":"01","Material":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","CreatedAt":"2026-01-01T00:00:00Z"}]}""")]
    public void File_that_is_no_key_ring_is_refused_and_left_as_it_is(string text)
    {
        Open();
        File.WriteAllText(RingPath, text);
        var open = () => Open();
        open.Should().Throw<InvalidDataException>().WithMessage($"*{RingPath}*");
        File.ReadAllText(RingPath).Should().Be(text);
    }

    [Fact]
    public async Task Restart_with_the_same_file_ends_no_session_and_without_one_it_does()
    {
        foreach (var (file, survives) in new[] { (RingPath, true), (null, false) })
        {
            TemporaryCredentials credentials;
            using (var first = Host(file))
            {
                credentials = (await first.Issuer.AssumeRoleAsync(
                    await first.UserAsync("alice"), new AssumeRoleRequest { RoleArn = "arn:aws:iam::111122223333:role/r", RoleSessionName = "s1" })).Value.Credentials;
            }

            using var second = Host(file);
            var found = await second.Callers.FromCredentialsAsync(credentials.AccessKeyId, credentials.SecretAccessKey, credentials.SessionToken);
            found.IsSuccess.Should().Be(survives);
            second.Log.Entries.Any(entry => entry.Id.Id == 2000).Should().Be(!survives, "an ephemeral key is warned of");
        }
    }

    [Fact]
    public void Options_that_cannot_be_are_refused_all_at_once()
    {
        using var host = new TestHost(options =>
        {
            options.KeyRingFile = "x";
            options.Keys.Add(new RootKeyOptions { Id = 1, Material = "short" });
            options.Keys.Add(new RootKeyOptions { Id = 1, Material = Convert.ToBase64String(new byte[32]) });
            options.KeyRotation = TimeSpan.FromMinutes(59);
            options.PackedPolicyBudget = 255;
        });
        var start = () => host.Issuer;
        start.Should().Throw<OptionsValidationException>().Which.Failures.Should().HaveCount(5);
    }

    [Fact]
    public void Keys_from_options_make_the_ring_the_first_one_sealing()
    {
        using var host = new TestHost(options =>
        {
            options.Keys.Add(new RootKeyOptions { Id = 2, Material = Convert.ToBase64String(new byte[32]) });
            options.Keys.Add(new RootKeyOptions { Id = 1, Material = Convert.ToBase64String(new byte[32]) });
        });
        var ring = host.Get<IKeyRing>();
        ring.Current.Id.Should().Be(2);
        ring.Find(1).Should().NotBeNull();
        ring.Find(3).Should().BeNull();
    }

    private static TestHost Host(string? file)
    {
        var host = new TestHost(options => options.KeyRingFile = file);
        host.AddUser("alice");
        host.Store.Put(new Role(
            Arn.Parse("arn:aws:iam::111122223333:role/r"), "AROARTX3GSDSQAAAAAAAA",
            PolicyDocument.Parse("""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/alice"},"Action":"sts:AssumeRole"}}""", PolicyKind.Trust)));
        return host;
    }

    private KeyRingFile Open(Duration? rotation = null) => new(RingPath, rotation ?? Duration.FromDays(30), signs: false, _clock, _log);
}
