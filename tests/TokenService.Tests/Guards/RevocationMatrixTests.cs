namespace TokenService.Tests.Guards;

/// <summary>The table of <c>docs/revocation.md</c>, cell by cell: sealed sessions, and the look-up that every request takes.</summary>
public sealed class RevocationMatrixTests : IDisposable
{
    private const string AlicesKey = "AKIARTX3GSDSVPMANSL7";
    private const string PartnersKey = "AKIAPARTNERSKEYAAAAA";
    private const string Home = "111122223333";
    private const string Issuer = "https://issuer.example";

    private static readonly Session Role = Make(1, SessionKind.Role, "first", "build-7", AlicesKey, sourceIdentity: "alice");
    private static readonly Session Chained = Make(2, SessionKind.Role, "second", "step-2", Role.AccessKeyId, Role);
    private static readonly Session User = Make(3, SessionKind.User, "alice", "", AlicesKey);
    private static readonly Session RoleOfUser = Make(4, SessionKind.Role, "first", "build-8", User.AccessKeyId, User);
    private static readonly Session Federated = Make(5, SessionKind.FederatedUser, "alice", "bob", AlicesKey);
    private static readonly Session Web = Make(6, SessionKind.Role, "first", "web", null, subject: "user|1");
    private static readonly Session WebChained = Make(7, SessionKind.Role, "second", "step-2", Web.AccessKeyId, Web);
    private static readonly Session Root = Make(8, SessionKind.Root, "", "", "AKIAROOTROOTROOTROOT");

    private static readonly Session Delegated = Make(9, SessionKind.Delegated, "first", "build-7", PartnersKey, Role);

    /// <summary>As in the table's header.</summary>
    private static readonly Session[] Sessions = [Role, Chained, User, RoleOfUser, Federated, Web, WebChained, Root, Delegated];

    private static readonly Dictionary<string, RevocationTarget> Targets = new(StringComparer.Ordinal)
    {
        ["`Session`, the role's"] = RevocationTarget.Session(Role.AccessKeyId),
        ["`SessionNamed`, the role's ARN"] = RevocationTarget.SessionNamed("arn:aws:sts::111122223333:assumed-role/FIRST/build-7"),
        ["`SessionNamed`, the role's user id"] = RevocationTarget.SessionNamed($"{Role.PrincipalId}:build-7"),
        ["`SessionNamed`, the federated user's ARN"] = RevocationTarget.SessionNamed("arn:aws:sts::111122223333:federated-user/bob"),
        ["`SessionNamed`, the federated user's user id"] = RevocationTarget.SessionNamed("111122223333:bob"),
        ["`Role`, the id of `first`"] = RevocationTarget.Role(Role.PrincipalId),
        ["`Role`, the ARN of `first`"] = RevocationTarget.Role("arn:aws:iam::111122223333:role/some/path/First"),
        ["`User`, alice's id"] = RevocationTarget.User(User.PrincipalId),
        ["`User`, alice's ARN"] = RevocationTarget.User("arn:aws:iam::111122223333:user/Alice"),
        ["`SourceIdentity`, alice"] = RevocationTarget.SourceIdentity("alice"),
        ["`FederatedSubject`"] = RevocationTarget.FederatedSubject(Issuer, "user|1"),
        ["`IssuingKey`, alice's"] = RevocationTarget.IssuingKey(AlicesKey),
        ["`IssuingKey`, that of the role session"] = RevocationTarget.IssuingKey(Role.AccessKeyId),
        ["`IssuingKey`, the partner's"] = RevocationTarget.IssuingKey(PartnersKey),
        ["`Account`, alice's"] = RevocationTarget.Account(Home),
        ["`Chain`, the role's"] = RevocationTarget.Chain("00000000000000000000000000000001"),
        ["`Chain`, the user session's"] = RevocationTarget.Chain("00000000000000000000000000000003"),
    };

    private readonly TestHost _host = new();

    public static TheoryData<string> Levers => [.. Rows().Keys];

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Table_has_a_row_for_every_lever_and_no_other() => Rows().Keys.Should().BeEquivalentTo(Targets.Keys);

    [Theory, MemberData(nameof(Levers))]
    public async Task Lever_ends_the_sessions_that_its_row_says_and_no_others(string lever)
    {
        await _host.Get<Revoker>().RevokeAsync(Targets[lever]);
        (await EndedAsync()).Should().Equal(Rows()[lever].Select(cell => cell == "ends"));

        // As it comes back from what carries it between nodes.
        using var other = new TestHost();
        RevocationTarget.TryParse(Targets[lever].Text, out var read).Should().BeTrue();
        read.Should().Be(Targets[lever]);
        await other.Get<Revoker>().RevokeAsync(read!);
        (await EndedAsync(other)).Should().Equal(await EndedAsync());
    }

    [Theory, MemberData(nameof(Levers))]
    public async Task Lever_ends_no_session_that_began_at_its_instant_or_later(string lever)
    {
        await _host.Get<Revoker>().RevokeOlderAsync(Targets[lever], TestHost.Start);
        (await EndedAsync()).Should().NotContain(true);
        await _host.Get<Revoker>().RevokeOlderAsync(Targets[lever], TestHost.Start + Duration.FromSeconds(1));
        (await EndedAsync()).Should().Equal(Rows()[lever].Select(cell => cell == "ends"));
    }

    [Fact]
    public async Task Nobody_else_of_the_same_names_is_meant()
    {
        foreach (var target in new[]
        {
            RevocationTarget.SessionNamed("arn:aws:sts::111122223333:assumed-role/first/BUILD-7"),
            RevocationTarget.SessionNamed("arn:aws:sts::444455556666:assumed-role/first/build-7"),
            RevocationTarget.SessionNamed("arn:aws:sts::111122223333:federated-user/build-7"),
            RevocationTarget.SessionNamed("111122223333:build-7"),
            RevocationTarget.Role("arn:aws:iam::444455556666:role/first"),
            RevocationTarget.Role("arn:aws:iam::111122223333:role/alice"),
            RevocationTarget.User("arn:aws:iam::111122223333:user/first"),
            RevocationTarget.SourceIdentity("Alice"),
            RevocationTarget.FederatedSubject(Issuer, "USER|1"),
            RevocationTarget.FederatedSubject("https://other.example", "user|1"),
            RevocationTarget.FederatedSubject("user|1", Issuer),
            RevocationTarget.Chain("00000000000000000000000000000002"),
        })
        {
            await _host.Get<Revoker>().RevokeAsync(target);
        }

        (await EndedAsync()).Should().NotContain(true);
    }

    private Task<List<bool>> EndedAsync() => EndedAsync(_host);

    private static async Task<List<bool>> EndedAsync(TestHost host)
    {
        var ended = new List<bool>();
        foreach (var session in Sessions)
        {
            var token = host.Get<TokenSealer>().Seal(session, null, 0);
            var found = await host.Get<CredentialDirectory>().FindAsync(session.AccessKeyId, token, CancellationToken.None);
            found.Status.Should().BeOneOf([CredentialStatus.Revoked, CredentialStatus.Gone, CredentialStatus.Found], "the token is good");
            ended.Add(found.Status == CredentialStatus.Revoked);
        }

        return ended;
    }

    private static Session Make(
        uint id, SessionKind kind, string principal, string name, string? issuingKey, Session? from = null, string? sourceIdentity = null, string? subject = null)
    {
        var account = principal == "second" ? "444455556666" : Home;
        return new Session(new Secret(Convert.ToBase64String(new byte[30])))
        {
            Kind = kind,
            AccessKeyId = AccessKeyId.Create(AccessKeyId.TemporaryPrefix, 111122223333, [(byte)id, 0, 0, 0, 0]),
            Id = id,
            ChainId = from?.ChainId ?? id,
            ChainDepth = from is null ? 0 : from.ChainDepth + 1,
            Account = account,
            Partition = "aws",
            PrincipalPath = "/",
            PrincipalName = principal,
            PrincipalId = principal.Length == 0 ? account
                : UniqueId.Derive(kind is SessionKind.Role or SessionKind.Delegated ? UniqueId.RolePrefix : UniqueId.UserPrefix, account, principal),
            Approver = kind == SessionKind.Delegated ? SessionKind.Role : null,
            Name = name,
            IssuedAt = TestHost.Start,
            ExpiresAt = TestHost.Start + Duration.FromHours(1),
            IssuingAccessKeyId = issuingKey,
            SourceIdentity = sourceIdentity ?? from?.SourceIdentity,
            FederatedIssuer = subject is null ? from?.FederatedIssuer : Issuer,
            FederatedSubject = subject ?? from?.FederatedSubject,
        };
    }

    /// <summary>The rows of the first table, each lever with its cells.</summary>
    private static Dictionary<string, string[]> Rows()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "TokenService.sln")))
        {
            folder = folder.Parent!;
        }

        return File.ReadLines(Path.Combine(folder.FullName, "docs", "revocation.md"))
            .SkipWhile(line => !line.StartsWith("| lever", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries)).ToDictionary(cells => cells[0], cells => cells[1..], StringComparer.Ordinal);
    }
}
