using System.Buffers.Text;
using System.Collections.Immutable;

namespace TokenService.Tests.Tokens;

public sealed class SessionTokenTests
{
    private static readonly RootKey Root = new(7, new byte[RootKey.Size]);

    private readonly SessionPolicyCache _policies = new();
    private readonly TokenSealer _sealer;

    public SessionTokenTests() => _sealer = new TokenSealer(new KeyRing(Root), _policies);

    [Fact]
    public void Token_holds_every_fact_of_the_session()
    {
        var policy = _policies.Read("""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}""").Value;
        var session = Full(policy);
        Fresh().TryOpen(_sealer.Seal(session, policy, 0), session.AccessKeyId, out var opened).Should().BeTrue();
        opened!.Secret.Should().Be(session.Secret);
        opened.InlinePolicy!.Text.Should().Be(policy.Policy.Document.Text);
        opened.Should().BeEquivalentTo(session, options => options
            .Excluding(facts => facts.InlinePolicy).ComparingByMembers<Session>());
    }

    [Fact]
    public void Plain_session_has_no_more_than_it_needs()
    {
        var session = Plain();
        var token = _sealer.Seal(session, null, 0);
        token.Length.Should().BeLessThan(300);
        Fresh().TryOpen(token, session.AccessKeyId, out var opened).Should().BeTrue();
        opened!.HasSessionPolicies.Should().BeFalse();
        opened.ChainId.Should().Be(session.Id);
    }

    [Fact]
    public void Token_with_any_character_changed_is_refused()
    {
        var session = Full(null);
        var token = _sealer.Seal(session, null, 0);
        _sealer.TryOpen(token, session.AccessKeyId, out _).Should().BeTrue();
        for (var index = 0; index < token.Length; index++)
        {
            foreach (var other in "Aa0_- =+/\n\u00e9")
            {
                if (token[index] != other)
                {
                    _sealer.TryOpen(token[..index] + other + token[(index + 1)..], session.AccessKeyId, out _).Should().BeFalse("{0} at {1}", (int)other, index);
                }
            }
        }
    }

    [Fact]
    public void Token_with_any_bit_changed_is_refused()
    {
        var session = Full(null);
        var bytes = Base64Url.DecodeFromChars(_sealer.Seal(session, null, 0));
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            _sealer.TryOpen(Base64Url.EncodeToString(bytes), session.AccessKeyId, out _).Should().BeFalse("bit {0}", bit);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        _sealer.TryOpen(Base64Url.EncodeToString(bytes), session.AccessKeyId, out _).Should().BeTrue();
    }

    [Fact]
    public void Token_cut_or_lengthened_is_refused()
    {
        var session = Plain();
        var token = _sealer.Seal(session, null, 0);
        for (var length = 0; length < token.Length; length++)
        {
            _sealer.TryOpen(token[..length], session.AccessKeyId, out _).Should().BeFalse();
            _sealer.TryOpen(token[length..] + token, session.AccessKeyId, out _).Should().BeFalse();
        }

        _sealer.TryOpen(new string('A', TokenSealer.MaxTokenCharacters), session.AccessKeyId, out _).Should().BeFalse();
        _sealer.TryOpen(new string('A', TokenSealer.MaxTokenCharacters + 4), session.AccessKeyId, out _).Should().BeFalse();
    }

    [Fact]
    public void Token_is_bound_to_its_access_key_id_also_when_it_was_opened_before()
    {
        var one = Plain();
        var token = _sealer.Seal(one, null, 0);
        _sealer.TryOpen(token, "ASIARTX3GSDSQOTHER22", out _).Should().BeFalse();
        _sealer.TryOpen(token, one.AccessKeyId, out _).Should().BeTrue();
        _sealer.TryOpen(token, "ASIARTX3GSDSQOTHER22", out _).Should().BeFalse();
    }

    [Fact]
    public void Token_of_a_key_that_left_the_ring_is_refused_also_when_it_was_opened_before()
    {
        var ring = new ChangingRing(new KeyRing(new RootKey(8, new byte[RootKey.Size]), Root));
        var sealer = new TokenSealer(ring, _policies);
        var session = Plain();
        var token = _sealer.Seal(session, null, 0);
        sealer.TryOpen(token, session.AccessKeyId, out _).Should().BeTrue("an older key of the ring still opens");
        ring.Inner = new KeyRing(new RootKey(8, new byte[RootKey.Size]));
        sealer.TryOpen(token, session.AccessKeyId, out _).Should().BeFalse();

        // The same id with another key behind it is another key.
        ring.Inner = new KeyRing(new RootKey(Root.Id, [.. Enumerable.Repeat((byte)1, RootKey.Size)]));
        sealer.TryOpen(token, session.AccessKeyId, out _).Should().BeFalse();
    }

    [Fact]
    public void Keys_rotate_and_no_token_is_lost()
    {
        var ring = new ChangingRing(new KeyRing(Root));
        var sealer = new TokenSealer(ring, _policies);
        var sessions = new List<(Session Session, string Token)>();
        for (uint id = 100; id < 105; id++)
        {
            var session = Plain();
            sessions.Add((session, sealer.Seal(session, null, 0)));
            ring.Older.Add(ring.Inner.Current);
            ring.Inner = new KeyRing(new RootKey(id, [.. Enumerable.Repeat((byte)id, RootKey.Size)]), ring.Older);
        }

        foreach (var (session, token) in sessions)
        {
            sealer.TryOpen(token, session.AccessKeyId, out _).Should().BeTrue();
        }
    }

    [Fact]
    public void Another_node_with_the_same_ring_opens_the_token_and_one_with_another_ring_does_not()
    {
        var session = Plain();
        var token = _sealer.Seal(session, null, 0);
        Fresh().TryOpen(token, session.AccessKeyId, out _).Should().BeTrue();
        new TokenSealer(KeyRing.Ephemeral(), new SessionPolicyCache()).TryOpen(token, session.AccessKeyId, out _).Should().BeFalse();
    }

    [Fact]
    public void Secret_does_not_stand_in_the_token()
    {
        var session = Plain();
        var bytes = Base64Url.DecodeFromChars(_sealer.Seal(session, null, 0));
        var secret = Convert.FromBase64String(session.Secret.Reveal());
        bytes.AsSpan().IndexOf(secret.AsSpan(0, 6)).Should().Be(-1);
        System.Text.Encoding.Latin1.GetString(bytes).Should().NotContain(session.AccessKeyId).And.NotContain(session.PrincipalName);
    }

    [Fact]
    public void Sealing_and_opening_from_many_threads_never_mixes_anything_up()
    {
        var rounds = Environment.GetEnvironmentVariable("TOKENSERVICE_LONG") is null ? 20_000 : 1_000_000;
        var nonces = new System.Collections.Concurrent.ConcurrentDictionary<string, byte>(StringComparer.Ordinal);
        Parallel.For(0, rounds, new ParallelOptions { MaxDegreeOfParallelism = 8 }, round =>
        {
            var session = Plain($"s{round}");
            var token = _sealer.Seal(session, null, 0);
            _sealer.TryOpen(token, session.AccessKeyId, out var opened).Should().BeTrue();
            opened!.Name.Should().Be(session.Name);
            opened.Secret.Should().Be(session.Secret);
            nonces.TryAdd(token[12..28], 0).Should().BeTrue("a nonce never serves twice");
        });
    }

    [Fact]
    public void Random_text_is_refused_and_never_throws()
    {
        var seed = Environment.GetEnvironmentVariable("TOKENSERVICE_SEED") is { } given ? int.Parse(given, null) : Environment.TickCount;
        var random = new Random(seed);
        var good = Base64Url.DecodeFromChars(_sealer.Seal(Full(null), null, 0));
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(0, 600)];
            random.NextBytes(bytes);
            good.AsSpan(0, Math.Min(bytes.Length, random.Next(0, 40))).CopyTo(bytes);
            _sealer.TryOpen(Base64Url.EncodeToString(bytes), "ASIARTX3GSDSQAAAAAAA", out _).Should().BeFalse("seed {0}, round {1}", seed, round);
            _sealer.TryOpen(string.Concat(bytes.Select(value => (char)(value * 257))), "ASIARTX3GSDSQAAAAAAA", out _).Should().BeFalse();
        }
    }

    [Theory]
    [InlineData("SessionToken")]
    public void Key_is_bound_to_its_purpose(string purpose)
    {
        Span<byte> one = stackalloc byte[RootKey.Size];
        Span<byte> other = stackalloc byte[RootKey.Size];
        Root.Derive(Enum.Parse<KeyPurpose>(purpose), "salt"u8, one);
        Root.Derive((KeyPurpose)99, "salt"u8, other);
        one.SequenceEqual(other).Should().BeFalse();
        Root.Derive(Enum.Parse<KeyPurpose>(purpose), "tlas"u8, other);
        one.SequenceEqual(other).Should().BeFalse();
    }

    private static TokenSealer Fresh() => new(new KeyRing(Root), new SessionPolicyCache());

    private static Session Plain(string name = "build-7")
    {
        var random = System.Security.Cryptography.RandomNumberGenerator.GetBytes(51);
        var id = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(random);
        return new Session(new Secret(Convert.ToBase64String(random.AsSpan(16, 30))))
        {
            Kind = SessionKind.Role,
            AccessKeyId = AccessKeyId.Create("ASIA", 111122223333, random.AsSpan(46)),
            Id = id,
            ChainId = id,
            Account = "111122223333",
            Partition = "aws",
            PrincipalPath = "/",
            PrincipalName = "deploy",
            PrincipalId = "AROARTX3GSDSQAAAAAAAA",
            Name = name,
            IssuedAt = TestHost.Start,
            ExpiresAt = TestHost.Start + Duration.FromHours(1),
        };
    }

    private static Session Full(SessionPolicy? policy) => new(new Secret(Convert.ToBase64String(new byte[30])))
    {
        Kind = SessionKind.FederatedUser,
        AccessKeyId = "ASIARTX3GSDSQAAAAAAA",
        Id = UInt128.MaxValue - 5,
        ChainId = UInt128.One << 100,
        ChainDepth = 300,
        Account = "000000000001",
        Partition = "aws-my-own",
        PrincipalPath = "/a/very/long path/",
        PrincipalName = "name",
        PrincipalId = "AIDARTX3GSDSQAAAAAAAA",
        Name = "session",
        IssuedAt = TestHost.Start,
        ExpiresAt = TestHost.Start + Duration.FromSeconds(129_600),
        IssuingAccessKeyId = "AKIARTX3GSDSVPMANSL7",
        InlineSessionPolicy = policy?.Policy,
        ManagedPolicies = [Arn.Parse("arn:aws:iam::aws:policy/a"), Arn.Parse("arn:aws:iam::aws:policy/b")],
        Tags = [new SessionTag("Ключ", "значение", true), new SessionTag("k", "", false)],
        SourceIdentity = "alice",
        MfaAuthenticatedAt = TestHost.Start - Duration.FromSeconds(7),
        FederatedProvider = "arn:aws:iam::111122223333:saml-provider/corp",
        FederatedIssuer = "https://issuer.example",
        FederatedSubject = new string('s', 300),
        FederatedKeys = [KeyValuePair.Create("saml:sub", "x"), KeyValuePair.Create("saml:sub", "y")],
        TaskPolicy = Arn.Parse("arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"),
        Approver = SessionKind.Root,
    };

    private sealed class ChangingRing(KeyRing inner) : IKeyRing
    {
        internal KeyRing Inner { get; set; } = inner;

        internal List<RootKey> Older { get; } = [];

        public RootKey Current => Inner.Current;

        public RootKey? Find(uint id) => Inner.Find(id);
    }
}
