namespace TokenService.Tests.Identities;

public sealed class InMemoryIdentityStoreTests
{
    private readonly InMemoryIdentityStore _store = new();
    private readonly Account _account = new("111122223333");

    public InMemoryIdentityStoreTests() => _store.Put(_account);

    [Fact]
    public async Task Names_are_found_whatever_their_letter_case()
    {
        var user = User.Create(_account, "Alice", "/eng/");
        _store.Put(user);
        (await _store.FindUserAsync("111122223333", "aLICE", default)).Should().BeSameAs(user);
        (await _store.FindUserAsync("444455556666", "Alice", default)).Should().BeNull();
    }

    [Fact]
    public async Task Access_keys_come_and_go_with_their_user()
    {
        var user = User.Create(_account, "alice");
        _store.Put(user with { AccessKeys = [Key(1), Key(2)] });
        (await _store.FindAccessKeyAsync(Key(1).Id, default))!.User!.Name.Should().Be("alice");
        _store.Put(user with { AccessKeys = [Key(2)] });
        (await _store.FindAccessKeyAsync(Key(1).Id, default)).Should().BeNull();
        _store.RemoveUser("111122223333", "ALICE").Should().BeTrue();
        (await _store.FindAccessKeyAsync(Key(2).Id, default)).Should().BeNull();
        _store.RemoveUser("111122223333", "alice").Should().BeFalse();
    }

    [Fact]
    public void Access_key_of_somebody_else_is_refused()
    {
        _store.Put(User.Create(_account, "alice") with { AccessKeys = [Key(1)] });
        var steal = () => _store.Put(User.Create(_account, "bob") with { AccessKeys = [Key(1)] });
        steal.Should().Throw<ArgumentException>();
        var stealForRoot = () => _store.Put(_account with { RootAccessKeys = [Key(1)] });
        stealForRoot.Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Identity_of_an_unknown_account_is_refused()
    {
        var elsewhere = new Account("444455556666");
        var put = () => _store.Put(User.Create(elsewhere, "alice"));
        put.Should().Throw<ArgumentException>();
        var otherPartition = () => _store.Put(User.Create(new Account("111122223333", "aws-cn"), "alice"));
        otherPartition.Should().Throw<ArgumentException>();
    }

    [Fact]
    public async Task Principals_of_a_trust_policy_are_pinned_to_who_they_are_when_the_role_is_stored()
    {
        var user = User.Create(_account, "alice");
        _store.Put(user);
        _store.Put(Role.Create(_account, "r", Trust("arn:aws:iam::111122223333:user/alice", "arn:aws:iam::111122223333:user/nobody", "arn:aws:iam::111122223333:role/r")));
        var role = (await _store.FindRoleAsync("111122223333", "r", default))!;
        role.PinnedPrincipals.Should().BeEquivalentTo(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["arn:aws:iam::111122223333:user/alice"] = user.Id,
            ["arn:aws:iam::111122223333:role/r"] = role.Id,
        });
    }

    [Fact]
    public async Task Reading_goes_on_while_everything_changes()
    {
        var stop = false;
        var writer = Task.Run(() =>
        {
            for (var round = 0; round < 3000; round++)
            {
                _store.Put(User.Create(_account, $"user{round % 7}") with { AccessKeys = [Key(round % 7)] });
                _store.RemoveUser("111122223333", $"user{(round + 3) % 7}");
            }

            Volatile.Write(ref stop, true);
        });
        while (!Volatile.Read(ref stop))
        {
            for (var number = 0; number < 7; number++)
            {
                var owner = await _store.FindAccessKeyAsync(Key(number).Id, default);
                (owner?.User!.Name ?? $"user{number}").Should().Be($"user{number}");
            }
        }

        await writer;
    }

    [Theory]
    [InlineData("arn:aws:iam::111122223333:role/x")]
    [InlineData("arn:aws:iam::111122223333:user")]
    [InlineData("arn:aws:iam::111122223333:user/")]
    [InlineData("arn:aws:iam::111122223333:user/a b")]
    [InlineData("arn:aws:iam::111122223333:user//a")]
    [InlineData("arn:aws:iam::1111:user/a")]
    [InlineData("arn:aws:s3::111122223333:user/a")]
    public void User_has_the_ARN_of_a_user(string arn)
    {
        var make = () => new User(Arn.Parse(arn), "AIDA1");
        make.Should().Throw<ArgumentException>();
    }

    [Theory]
    [InlineData("ASIARTX3GSDSVPMANSL7", 40)]
    [InlineData("AKIA", 40)]
    [InlineData("AKIARTX3GSDSVPMANSL7", 257)]
    public void Long_term_key_has_the_form_of_one(string id, int secretLength)
    {
        var make = () => new AccessKey(id, new Secret(new string('s', secretLength)));
        make.Should().Throw<ArgumentException>();
        var made = AccessKey.Create("111122223333");
        AccessKeyId.TryGetAccount(made.Id, out var account).Should().BeTrue();
        (account, made.Secret.Reveal().Length).Should().Be(("111122223333", 40));
    }

    [Theory]
    [InlineData("3599")]
    [InlineData("43201")]
    public void Maximum_session_duration_is_one_to_twelve_hours(string seconds)
    {
        var role = Role.Create(_account, "r", Trust("*"));
        var set = () => role with { MaxSessionDuration = Duration.FromSeconds(int.Parse(seconds, null)) };
        set.Should().Throw<ArgumentOutOfRangeException>();
        (role with { MaxSessionDuration = Duration.FromHours(12) }).MaxSessionDuration.TotalHours.Should().Be(12);
    }

    [Fact]
    public void Trust_policy_is_a_document_that_was_read_as_one()
    {
        var make = () => Role.Create(_account, "r", PolicyDocument.Parse("""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}}""", PolicyKind.Identity));
        make.Should().Throw<ArgumentException>();
    }

    private static AccessKey Key(int number) => new($"AKIARTX3GSDSVPMAN{number:D3}", new Secret("s"));

    private static PolicyDocument Trust(params string[] principals) => PolicyDocument.Parse(
        $$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":["{{string.Join("\",\"", principals)}}"]},"Action":"sts:AssumeRole"} }""", PolicyKind.Trust);
}
