using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using NodaTime.Testing;

namespace TokenService.Tests.Tokens;

public sealed class WebIdentityKeyRingTests : IDisposable
{
    private static readonly Duration Rotation = Duration.FromDays(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("tokenservice-").FullName;
    private readonly FakeClock _clock = new(TestHost.Start);
    private readonly RecordingLog _log = new();

    private string RingPath => Path.Combine(_folder, "ring.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Ring_has_a_key_of_each_algorithm_from_the_start_and_after_a_restart_the_same()
    {
        var ring = Open();
        Ids(ring).Should().HaveCount(2);
        ring.FindSigningKey(WebIdentityAlgorithm.RS256)!.Key.KeySize.Should().BeGreaterThanOrEqualTo(WebIdentityKey.MinRsaBits);
        ring.FindSigningKey(WebIdentityAlgorithm.ES384)!.Key.Crv.Should().Be("P-384");
        Ids(Open()).Should().Equal(Ids(ring));
        Open().FindSigningKey(WebIdentityAlgorithm.ES384)!.Export().Should().Be(ring.FindSigningKey(WebIdentityAlgorithm.ES384)!.Export());
    }

    [Fact]
    public void Host_that_issues_no_web_identity_tokens_has_no_keys_for_them_and_leaves_those_of_others()
    {
        var without = Open(signs: false);
        (without.FindSigningKey(WebIdentityAlgorithm.RS256), without.PublishedKeys.Length).Should().Be((null, 0));
        var ids = Ids(Open());
        _clock.Advance(Rotation + Duration.FromDays(1));
        _ = Open(signs: false).Current;
        StoredSigningKeys().Should().HaveCount(2);
        Ids(Open()).Should().Contain(ids);
    }

    [Fact]
    public void File_that_was_written_without_such_keys_gets_them_and_keeps_the_others()
    {
        var before = Open(signs: false).Current;
        var json = JsonNode.Parse(File.ReadAllText(RingPath))!.AsObject();
        json.Remove("WebIdentityKeys");
        File.WriteAllText(RingPath, json.ToJsonString());
        var ring = Open();
        ring.Current.Id.Should().Be(before.Id);
        Ids(ring).Should().HaveCount(2);
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(RingPath).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Theory, InlineData(WebIdentityAlgorithm.RS256), InlineData(WebIdentityAlgorithm.ES384)]
    public void New_key_is_published_an_hour_before_it_signs_and_the_old_one_until_its_last_token_has_expired(WebIdentityAlgorithm algorithm)
    {
        var ring = Open();
        var first = ring.FindSigningKey(algorithm)!;
        _clock.Advance(Rotation - Duration.FromHours(1) - Duration.FromTicks(1));
        Ids(ring).Should().HaveCount(2);

        _clock.Advance(Duration.FromTicks(1));
        var next = ring.PublishedKeys.Single(key => key.Algorithm == algorithm && key.Id != first.Id);
        ring.FindSigningKey(algorithm)!.Id.Should().Be(first.Id);
        _log.Entries.Should().Contain(entry => entry.Id.Id == 2004 && entry.Text.Contains(next.Id, StringComparison.Ordinal));

        _clock.Advance(Duration.FromHours(1) - Duration.FromTicks(1));
        ring.FindSigningKey(algorithm)!.Id.Should().Be(first.Id);
        _clock.Advance(Duration.FromTicks(1));
        ring.FindSigningKey(algorithm)!.Id.Should().Be(next.Id);

        // The last token of the first key was signed a moment ago and lives for an hour; another hour is for clocks that differ.
        _clock.Advance(Duration.FromHours(2) - Duration.FromTicks(1));
        Ids(ring).Should().Contain(first.Id);
        _clock.Advance(Duration.FromTicks(1));
        Ids(ring).Should().NotContain(first.Id).And.Contain(next.Id);
    }

    [Fact]
    public void Every_key_that_signs_was_published_for_an_hour_and_stays_so_for_an_hour_also_where_keys_change_every_hour_and_nobody_asked_for_long()
    {
        var ring = Open(rotation: Duration.FromHours(1));
        var published = new List<(Instant At, string[] Ids)>();
        var signed = new List<(Instant At, string Id)>();
        for (var step = 0; step < 36; step++)
        {
            _clock.Advance(step == 18 ? Duration.FromDays(3) : Duration.FromMinutes(20));
            var now = _clock.GetCurrentInstant();
            signed.Add((now, ring.FindSigningKey(WebIdentityAlgorithm.ES384)!.Id));
            published.Add((now, Ids(ring)));
        }

        signed.Select(use => use.Id).Distinct(StringComparer.Ordinal).Count().Should().BeGreaterThan(6);
        foreach (var (at, id) in signed)
        {
            published.Where(set => set.At >= at && set.At <= at + Duration.FromHours(1)).Should().AllSatisfy(set => set.Ids.Should().Contain(id));
        }

        var started = signed[0].Id;
        foreach (var (at, id) in signed.Where(use => use.Id != started))
        {
            published.First(set => set.Ids.Contains(id)).At.Should().BeLessThanOrEqualTo(at - Duration.FromHours(1));
        }

        published.Max(set => set.Ids.Length).Should().BeLessThanOrEqualTo(10, "the set is bounded");
        StoredSigningKeys().Count.Should().BeLessThanOrEqualTo(10, "the file is too");
    }

    [Fact]
    public void Clock_that_is_set_back_before_the_first_key_does_not_stop_the_signing()
    {
        var ring = Open();
        var first = ring.FindSigningKey(WebIdentityAlgorithm.RS256)!;
        _clock.Advance(-Duration.FromMinutes(1));
        ring.FindSigningKey(WebIdentityAlgorithm.RS256)!.Id.Should().Be(first.Id);
        Ids(ring).Should().Contain(first.Id);
    }

    [Fact]
    public void Key_that_another_process_made_is_published_here_at_once()
    {
        var one = Open();
        var two = Open();
        _clock.Advance(Rotation - Duration.FromMinutes(30));
        var made = Ids(one);
        made.Should().HaveCount(4);
        Ids(two).Should().BeEquivalentTo(made);
        StoredSigningKeys().Should().HaveCount(4, "one of them makes the keys");
    }

    [Fact]
    public void Ring_that_cannot_be_rotated_goes_on_signing_with_the_key_that_verifiers_know()
    {
        var ring = Open();
        var first = ring.FindSigningKey(WebIdentityAlgorithm.ES384)!;
        _clock.Advance(Rotation + Duration.FromDays(1));
        using (new FileStream(RingPath + ".lock", FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            ring.FindSigningKey(WebIdentityAlgorithm.ES384)!.Id.Should().Be(first.Id);
            _log.Entries.Should().Contain(entry => entry.Id.Id == 2002);
        }

        _clock.Advance(Duration.FromMinutes(1));
        ring.FindSigningKey(WebIdentityAlgorithm.ES384)!.Id.Should().Be(first.Id);
        _clock.Advance(Duration.FromHours(1));
        ring.FindSigningKey(WebIdentityAlgorithm.ES384)!.Id.Should().NotBe(first.Id);
    }

    [Theory]
    [InlineData("""{"Algorithm":"HS256","Material":"AAAA","SignsFrom":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"Algorithm":"RS256","Material":"AAAA","SignsFrom":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"Algorithm":"RS256","SignsFrom":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"Algorithm":"RS256","Material":"not base64","SignsFrom":"2026-01-01T00:00:00Z"}""")]
    public void Signing_key_that_is_none_is_refused_with_its_file(string key)
    {
        Open();
        var json = JsonNode.Parse(File.ReadAllText(RingPath))!;
        json["WebIdentityKeys"] = new JsonArray(JsonNode.Parse(key));
        File.WriteAllText(RingPath, json.ToJsonString());
        var open = () => Open();
        open.Should().Throw<InvalidDataException>().WithMessage($"*{RingPath}*");
    }

    [Fact]
    public void Key_signs_by_the_algorithm_that_is_its_own_and_no_key_is_too_short_or_of_another_curve()
    {
        using var rsa = RSA.Create(2048);
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        WebIdentityKey.FromPem(rsa.ExportPkcs8PrivateKeyPem()).Algorithm.Should().Be(WebIdentityAlgorithm.RS256);
        WebIdentityKey.FromPem(rsa.ExportRSAPrivateKeyPem()).Id.Should().Be(WebIdentityKey.FromPem(rsa.ExportPkcs8PrivateKeyPem()).Id);
        WebIdentityKey.FromPem(p384.ExportECPrivateKeyPem()).Algorithm.Should().Be(WebIdentityAlgorithm.ES384);

        using var shorter = RSA.Create(2040);
        using var p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (var pem in new[]
        {
            shorter.ExportPkcs8PrivateKeyPem(), p256.ExportPkcs8PrivateKeyPem(), rsa.ExportRSAPublicKeyPem(), p384.ExportSubjectPublicKeyInfoPem(),
            rsa.ExportEncryptedPkcs8PrivateKeyPem("password", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1)),
            "", "no key", new string('x', 20_000),
        })
        {
            var take = () => WebIdentityKey.FromPem(pem);
            take.Should().Throw<ArgumentException>().WithMessage("A key for web identity tokens is*");
        }
    }

    [Fact]
    public void Key_prints_its_id_and_nothing_else()
    {
        var key = WebIdentityKey.Generate(WebIdentityAlgorithm.ES384);
        key.ToString().Should().Be($"ES384 {key.Id}");
    }

    [Fact]
    public void Keys_from_options_sign_in_their_order_and_are_all_published()
    {
        using var first = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var second = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        using var host = new TestHost(options =>
        {
            options.PublicAddress = "https://sts.example";
            options.Keys.Add(new RootKeyOptions { Id = 1, Material = Convert.ToBase64String(new byte[32]) });
            options.WebIdentityKeys.Add(first.ExportPkcs8PrivateKeyPem());
            options.WebIdentityKeys.Add(rsa.ExportPkcs8PrivateKeyPem());
            options.WebIdentityKeys.Add(second.ExportPkcs8PrivateKeyPem());
        });
        var ring = host.Get<IKeyRing>();
        ring.FindSigningKey(WebIdentityAlgorithm.ES384)!.Id.Should().Be(WebIdentityKey.FromPem(first.ExportPkcs8PrivateKeyPem()).Id);
        ring.PublishedKeys.Should().HaveCount(3);
        var twice = () => new KeyRing(RootKey.Generate()) { WebIdentityKeys = [ring.PublishedKeys[0], ring.PublishedKeys[0]] };
        twice.Should().Throw<ArgumentException>();
    }

    [Theory]
    [InlineData("https://sts.example", true)]
    [InlineData("https://sts.example/path/", true)]
    [InlineData("http://127.0.0.1:5080", true)]
    [InlineData("http://localhost:5080", true)]
    [InlineData("http://sts.example", false)]
    [InlineData("https://sts.example/?x=1", false)]
    [InlineData("https://sts.example/#x", false)]
    [InlineData("https://user@sts.example", false)]
    [InlineData("sts.example", false)]
    [InlineData("ftp://127.0.0.1", false)]
    [InlineData("", false)]
    public void Public_address_is_one_that_verifiers_can_trust(string address, bool starts)
    {
        using var host = new TestHost(options => options.PublicAddress = address);
        var start = () => host.Issuer;
        if (starts)
        {
            start.Should().NotThrow();
        }
        else
        {
            start.Should().Throw<OptionsValidationException>().WithMessage("*PublicAddress*");
        }
    }

    [Fact]
    public void Options_that_could_not_sign_are_refused_all_at_once()
    {
        using var host = new TestHost(options =>
        {
            options.PublicAddress = "https://sts.example";
            options.Keys.Add(new RootKeyOptions { Id = 1, Material = Convert.ToBase64String(new byte[32]) });
            options.WebIdentityKeys.Add("no key");
        });
        var start = () => host.Issuer;
        start.Should().Throw<OptionsValidationException>().Which.Failures.Should().HaveCount(2);

        using var alone = new TestHost(options => options.WebIdentityKeys.Add(Pem()));
        var startAlone = () => alone.Issuer;
        startAlone.Should().Throw<OptionsValidationException>().Which.Failures.Should().ContainSingle();
    }

    private static string Pem()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        return key.ExportPkcs8PrivateKeyPem();
    }

    private static string[] Ids(KeyRingFile ring) => [.. ring.PublishedKeys.Select(key => key.Id).Order(StringComparer.Ordinal)];

    private JsonArray StoredSigningKeys() => JsonNode.Parse(File.ReadAllText(RingPath))!["WebIdentityKeys"]!.AsArray();

    private KeyRingFile Open(bool signs = true, Duration? rotation = null) => new(RingPath, rotation ?? Rotation, signs, _clock, _log);
}
