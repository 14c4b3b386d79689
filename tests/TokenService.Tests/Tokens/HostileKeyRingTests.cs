using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime.Testing;

namespace TokenService.Tests.Tokens;

public sealed class HostileKeyRingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tokenservice-").FullName;
    private readonly FakeClock _clock = new(TestHost.Start);

    private string File => Path.Combine(_folder, "ring.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Processes_that_start_together_agree_on_one_ring()
    {
        // Containers all have process id 1, so the name of the new file is the same for each of them, as it is here.
        var faults = new ConcurrentBag<string>();
        for (var round = 0; round < 60; round++)
        {
            var path = Path.Combine(_folder, $"ring-{round}.json");
            using var gate = new Barrier(4);
            var ids = new ConcurrentBag<uint>();
            var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
            {
                gate.SignalAndWait();
                try
                {
                    ids.Add(Ring(path).Current.Id);
                }
                catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
                {
                    faults.Add(exception.Message);
                }
            })).ToArray();
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
            if (ids.Distinct().Count() > 1)
            {
                faults.Add("two rings");
            }
        }

        faults.Should().BeEmpty();
    }

    [Fact]
    public void Invented_key_ids_do_not_change_the_key_that_seals()
    {
        // Every new salt is a derivation on each validator, and the 1,024 places for derived keys are never given back.
        var ring = Ring(File);
        var sealer = new TokenSealer(ring, new SessionPolicyCache());
        var before = Header(sealer.Seal(Session(), null, 0));
        _clock.AdvanceSeconds(2);
        sealer.TryOpen(Forged(), "ASIAAAAAAAAAAAAAAAAA", out _).Should().BeFalse();

        Header(sealer.Seal(Session(), null, 0)).Should().Be(before);
    }

    [Fact]
    public void An_invented_key_id_is_refused_and_not_thrown_while_the_file_cannot_be_read()
    {
        var sealer = new TokenSealer(Ring(File), new SessionPolicyCache());
        System.IO.File.Delete(File);

        var act = () => sealer.TryOpen(Forged(), "ASIAAAAAAAAAAAAAAAAA", out _);

        act.Should().NotThrow();
    }

    [Fact]
    public void A_rotation_loses_no_token_although_somebody_invents_key_ids()
    {
        var sealing = Ring(File);
        var opening = Ring(File);
        var sealer = new TokenSealer(sealing, new SessionPolicyCache());
        var opener = new TokenSealer(opening, new SessionPolicyCache());
        _clock.AdvanceHours(2);
        opener.TryOpen(Forged(), "ASIAAAAAAAAAAAAAAAAA", out _).Should().BeFalse();

        // The same second: the other node rotates and seals under the new key.
        var token = sealer.Seal(Session(), null, 0);

        opener.TryOpen(token, "ASIAAAAAAAAAAAAAAAAA", out _).Should().BeTrue();
    }

    [Fact]
    public void A_rotation_that_never_comes_is_refused_or_works()
    {
        var options = new TemporaryCredentialsOptions { KeyRingFile = File, KeyRotation = TimeSpan.MaxValue };
        if (new TemporaryCredentialsOptionsValidator().Validate(null, options).Failed)
        {
            return;
        }

        var act = () => new KeyRingFile(File, Duration.FromTimeSpan(options.KeyRotation), signs: false, _clock, NullLogger.Instance).Current;

        act.Should().NotThrow();
    }

    private KeyRingFile Ring(string path) => new(path, Duration.FromHours(1), signs: false, _clock, NullLogger.Instance);

    private static string Header(string token) => token[..12];

    // A token's form under a key id that nobody has.
    private static string Forged() => System.Buffers.Text.Base64Url.EncodeToString([1, 0xDE, 0xAD, 0xBE, 0xEF, .. new byte[295]]);

    private static Session Session() => new(new Secret(Convert.ToBase64String(new byte[30])))
    {
        Kind = SessionKind.Role,
        AccessKeyId = "ASIAAAAAAAAAAAAAAAAA",
        Id = 1,
        ChainId = 1,
        Account = "111122223333",
        Partition = "aws",
        PrincipalPath = "/",
        PrincipalName = "r",
        PrincipalId = "AROAAAAAAAAAAAAAAAAAA",
        Name = "s1",
        IssuedAt = TestHost.Start,
        ExpiresAt = TestHost.Start + Duration.FromHours(1),
    };
}
