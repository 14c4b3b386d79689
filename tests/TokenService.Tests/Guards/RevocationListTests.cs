using System.Globalization;
using NodaTime.Testing;

namespace TokenService.Tests.Guards;

public sealed class RevocationListTests
{
    private static readonly Instant Start = TestHost.Start;

    private readonly FakeClock _clock = new(Start);

    [Fact]
    public async Task Asking_allocates_nothing_whatever_the_list_has()
    {
        var empty = new InMemoryRevocationList(_clock);
        var full = new InMemoryRevocationList(_clock);
        foreach (var target in new[]
        {
            RevocationTarget.Session("ASIAIOSFODNN7EXAMPLE"), RevocationTarget.Role("arn:aws:iam::111122223333:role/other"),
            RevocationTarget.Role("AROAOTHEROTHEROTHER"), RevocationTarget.SessionNamed("arn:aws:sts::111122223333:assumed-role/first/other"),
            RevocationTarget.SessionNamed("AROAOTHEROTHEROTHER:n"), RevocationTarget.User("AIDAOTHEROTHEROTHER"),
            RevocationTarget.User("arn:aws:iam::111122223333:user/other"), RevocationTarget.SourceIdentity("other"),
            RevocationTarget.FederatedSubject("https://issuer.example", "other"), RevocationTarget.IssuingKey("AKIAIOSFODNN7EXAMPLE"),
            RevocationTarget.Account("444455556666"), RevocationTarget.Chain(new string('f', 32)),
        })
        {
            (await AddAsync(full, target)).Should().BeTrue();
        }

        (await MeasureAsync(empty, Session())).Should().Be(0);
        (await MeasureAsync(full, Earlier())).Should().Be(0);
        (await MeasureAsync(full, Earlier() with { SourceIdentity = "other" })).Should().Be(0, "what is found is there already");
        (await full.FindAsync(Earlier() with { SourceIdentity = "other" }, CancellationToken.None)).Should().Be(RevocationTarget.SourceIdentity("other"));
        (await full.FindAsync(Earlier(), CancellationToken.None)).Should().BeNull();

        static async Task<long> MeasureAsync(InMemoryRevocationList list, RevocableSession session)
        {
            await AskAsync(list, session, 100);
            var before = GC.GetAllocatedBytesForCurrentThread();
            await AskAsync(list, session, 1_000);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        static async Task AskAsync(InMemoryRevocationList list, RevocableSession session, int rounds)
        {
            for (var round = 0; round < rounds; round++)
            {
                await list.FindAsync(session, CancellationToken.None);
            }
        }
    }

    [Fact]
    public async Task Revocation_is_forgotten_when_no_session_is_left_that_it_ends_and_not_before()
    {
        var list = new InMemoryRevocationList(_clock);
        await AddAsync(list, RevocationTarget.Account("111122223333"));
        var longest = Earlier();
        _clock.Advance(Revocation.Memory - Duration.FromTicks(1));
        list.Count.Should().Be(1);
        (await list.FindAsync(longest, CancellationToken.None)).Should().NotBeNull();
        _clock.Advance(Duration.FromTicks(1));
        list.Count.Should().Be(0);
        (await list.FindAsync(Session() with { IssuedAt = _clock.GetCurrentInstant() }, CancellationToken.None)).Should().BeNull();
        Revocation.Memory.Should().BeGreaterThan(Duration.FromSeconds(129_600), "a session lives that long");
    }

    [Fact]
    public async Task Longer_time_that_is_given_later_counts()
    {
        var list = new InMemoryRevocationList(_clock);
        await AddAsync(list, RevocationTarget.Account("111122223333"));
        _clock.AdvanceHours(30);
        await AddAsync(list, RevocationTarget.Account("111122223333"));
        _clock.AdvanceHours(30);
        list.Count.Should().Be(1);
        (await list.FindAsync(Session() with { IssuedAt = Start + Duration.FromHours(29) }, CancellationToken.None)).Should().NotBeNull();
        _clock.AdvanceHours(7);
        list.Count.Should().Be(0);
    }

    [Fact]
    public async Task Clock_that_goes_ahead_and_back_revives_no_session_and_shuts_out_no_new_one()
    {
        var list = new InMemoryRevocationList(_clock);
        var revoked = Earlier();
        await AddAsync(list, RevocationTarget.Account("111122223333"));
        _clock.AdvanceDays(365);
        list.Count.Should().Be(0);
        _clock.Reset(Start);
        (await list.FindAsync(revoked, CancellationToken.None))!.Text.Should().Be("forgotten");
        RevocationTarget.TryParse("forgotten", out _).Should().BeFalse("nobody can add that");
        (await list.FindAsync(Session(), CancellationToken.None)).Should().BeNull("it began after whatever was forgotten");
    }

    [Fact]
    public async Task Flood_is_refused_and_makes_nothing_forgotten()
    {
        var list = new InMemoryRevocationList(_clock, capacity: 10);
        for (var index = 0; index < 20; index++)
        {
            (await AddAsync(list, RevocationTarget.SourceIdentity(index.ToString("d2", CultureInfo.InvariantCulture)))).Should().Be(index < 10);
        }

        (await AddAsync(list, RevocationTarget.SourceIdentity("09"))).Should().BeTrue("it has its place already");
        list.Count.Should().Be(10);
        (await list.FindAsync(Earlier() with { SourceIdentity = "00" }, CancellationToken.None)).Should().NotBeNull();
    }

    [Fact]
    public async Task Session_that_was_ended_stays_so_while_others_are_ended_and_forgotten()
    {
        var list = new InMemoryRevocationList(_clock, capacity: 100_000);
        var revoked = Earlier();
        await AddAsync(list, RevocationTarget.Account("111122223333"));
        using var done = new CancellationTokenSource();
        var asking = Task.Run(async () =>
        {
            var asked = 0;
            while (!done.IsCancellationRequested || asked == 0)
            {
                asked++;
                if (await list.FindAsync(revoked, CancellationToken.None) is null)
                {
                    return false;
                }
            }

            return true;
        });
        await Parallel.ForAsync(0, 20_000, async (index, _) =>
            await AddAsync(list, RevocationTarget.SourceIdentity(index.ToString(CultureInfo.InvariantCulture))));
        _clock.Advance(Revocation.Memory);
        list.Count.Should().Be(0);
        await done.CancelAsync();
        (await asking).Should().BeTrue();
    }

    [Fact]
    public async Task Revocation_that_was_called_off_is_not_made()
    {
        var list = new InMemoryRevocationList(_clock);
        var calledOff = async () => await list.TryAddAsync(Revoking(RevocationTarget.Account("111122223333")), new CancellationToken(canceled: true));
        await calledOff.Should().ThrowAsync<OperationCanceledException>();
        list.Count.Should().Be(0);
    }

    [Fact]
    public void List_without_room_is_none() =>
        FluentActions.Invoking(() => new InMemoryRevocationList(_clock, capacity: 0)).Should().Throw<ArgumentOutOfRangeException>();

    [Theory]
    [InlineData("deploy")]
    [InlineData("AIDAIOSFODNN7EXAMPLE")]
    [InlineData("AROA")]
    [InlineData("arn:aws:iam::111122223333:user/alice")]
    [InlineData("arn:aws:iam::111122223333:role/")]
    [InlineData("arn:aws:iam::11112222333:role/deploy")]
    [InlineData("arn:aws:sts::111122223333:assumed-role/deploy/build-7")]
    [InlineData("")]
    [InlineData(null)]
    public void Role_is_named_by_id_or_ARN_and_by_nothing_else(string? name) => Refused(() => RevocationTarget.Role(name!));

    [Theory]
    [InlineData("alice")]
    [InlineData("AROAIOSFODNN7EXAMPLE")]
    [InlineData("arn:aws:iam::111122223333:role/deploy")]
    [InlineData("arn:aws:iam::111122223333:root")]
    [InlineData("")]
    public void User_is_named_by_id_or_ARN_and_by_nothing_else(string name) => Refused(() => RevocationTarget.User(name));

    [Theory]
    [InlineData("build-7")]
    [InlineData("deploy:build-7")]
    [InlineData("AROAIOSFODNN7EXAMPLE:")]
    [InlineData("AIDAIOSFODNN7EXAMPLE:build-7")]
    [InlineData("AROAIOSFODNN7EXAMPLE:a:b")]
    [InlineData("arn:aws:iam::111122223333:role/deploy")]
    [InlineData("arn:aws:sts::111122223333:assumed-role/deploy")]
    [InlineData("arn:aws:sts::111122223333:assumed-role/deploy/")]
    [InlineData("arn:aws:sts::111122223333:assumed-role/path/deploy/build-7")]
    [InlineData("arn:aws:sts:::assumed-role/deploy/build-7")]
    [InlineData("")]
    public void Session_name_has_its_owner_with_it(string name) => Refused(() => RevocationTarget.SessionNamed(name));

    [Fact]
    public void Long_term_key_a_token_and_an_empty_name_are_no_targets()
    {
        Refused(() => RevocationTarget.Session("AKIAIOSFODNN7EXAMPLE"));
        Refused(() => RevocationTarget.Session("ASIA"));
        Refused(() => RevocationTarget.Session(new string('A', 400)));
        Refused(() => RevocationTarget.IssuingKey("alice"));
        Refused(() => RevocationTarget.Account("1111-2222-3333"));
        Refused(() => RevocationTarget.Chain("1"));
        Refused(() => RevocationTarget.Chain(new string('g', 32)));
        Refused(() => RevocationTarget.SourceIdentity(""));
        Refused(() => RevocationTarget.SourceIdentity(new string('a', 2049)));
        Refused(() => RevocationTarget.FederatedSubject("", "a"));
        Refused(() => RevocationTarget.FederatedSubject("a", ""));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("forgotten")]
    [InlineData("session")]
    [InlineData("session/")]
    [InlineData("session/AKIAIOSFODNN7EXAMPLE")]
    [InlineData("account/alice")]
    [InlineData("role-id/deploy")]
    [InlineData("user/alice/alice")]
    [InlineData("federated-subject/issuer/")]
    [InlineData("role/111122223333")]
    [InlineData("role/111122223333/a/b")]
    [InlineData("chain/1")]
    [InlineData("chain/000000000000000000000000000000g1")]
    [InlineData("SESSION/ASIAIOSFODNN7EXAMPLE")]
    public void Text_that_is_no_targets_is_not_read(string? text) => RevocationTarget.TryParse(text, out _).Should().BeFalse();

    [Fact]
    public void Text_of_a_target_is_one_line_whatever_a_subject_holds()
    {
        var target = RevocationTarget.FederatedSubject("https://issuer.example/a", "line\nbreak/ключ:%41");
        target.Text.Should().MatchRegex("^[!-~]+$");
        RevocationTarget.TryParse(target.Text, out var read).Should().BeTrue();
        read.Should().Be(target);
    }

    private static void Refused(Func<RevocationTarget> target) => target.Should().Throw<ArgumentException>();

    private ValueTask<bool> AddAsync(InMemoryRevocationList list, RevocationTarget target) => list.TryAddAsync(Revoking(target), CancellationToken.None);

    private Revocation Revoking(RevocationTarget target)
    {
        var now = _clock.GetCurrentInstant();
        return new Revocation { Target = target, IssuedBefore = now, Until = now + Revocation.Memory };
    }

    private static RevocableSession Earlier() => Session() with { IssuedAt = Start - Duration.FromSeconds(1) };

    private static RevocableSession Session() => new()
    {
        AccessKeyId = "ASIARTX3GSDSQAAAAAAA",
        IssuedAt = Start,
        Account = "111122223333",
        Name = "build-7",
        ChainId = 5,
        RoleId = "AROARTX3GSDSQAAAAAAAA",
        RoleName = "first",
        UserId = "AIDARTX3GSDSQAAAAAAAA",
        UserName = "alice",
        SourceIdentity = "alice",
        FederatedIssuer = "https://issuer.example",
        FederatedSubject = "subject",
        IssuingAccessKeyId = "AKIARTX3GSDSVPMANSL7",
    };
}
