namespace TokenService.Tests;

/// <summary>The limits of IAM on users and roles, each at its edge and one past it (reference 1.4).</summary>
public sealed class IdentityLimitsTests
{
    private static readonly Account Owner = new("111122223333");

    [Fact]
    public void Name_has_1_to_128_characters()
    {
        User.Create(Owner, "n").Name.Should().HaveLength(1);
        User.Create(Owner, new string('n', 128)).Name.Should().HaveLength(128);
        Make(() => User.Create(Owner, "")).Should().Throw<ArgumentException>();
        Make(() => User.Create(Owner, new string('n', 129))).Should().Throw<ArgumentException>();
    }

    [Theory]
    [InlineData("_+=,.@-", true)]
    [InlineData("a/b", false)]
    [InlineData("a:b", false)]
    [InlineData("a*", false)]
    [InlineData("ä", false)]
    public void Name_has_word_characters_and_a_few_signs(string name, bool isName)
    {
        var make = Make(() => User.Create(Owner, name));
        if (isName)
        {
            make.Should().NotThrow();
        }
        else
        {
            make.Should().Throw<ArgumentException>();
        }
    }

    [Fact]
    public void Path_has_1_to_512_characters_between_slashes()
    {
        Role.Create(Owner, "r", Trust, "/").Path.Should().Be("/");
        Role.Create(Owner, "r", Trust, $"/{new string('p', 510)}/").Path.Should().HaveLength(512);
        Make(() => Role.Create(Owner, "r", Trust, $"/{new string('p', 511)}/")).Should().Throw<ArgumentException>();
        foreach (var path in new[] { "", "//", "p/", "/p", "/p p/", "/ä/" })
        {
            Make(() => Role.Create(Owner, "r", Trust, path)).Should().Throw<ArgumentException>(path);
        }
    }

    [Fact]
    public void Tags_are_fifty_at_most()
    {
        Tagged(Enumerable.Range(0, 50).Select(index => new Tag($"k{index}", ""))).Should().NotThrow();
        Tagged(Enumerable.Range(0, 51).Select(index => new Tag($"k{index}", ""))).Should().Throw<ArgumentException>();
    }

    [Theory]
    [InlineData(1, 0, true)]
    [InlineData(128, 256, true)]
    [InlineData(0, 1, false)]
    [InlineData(129, 1, false)]
    [InlineData(1, 257, false)]
    public void Tag_has_a_key_of_128_characters_and_a_value_of_256_at_most(int key, int value, bool isTag)
    {
        var tag = Tagged([new Tag(new string('k', key), new string('v', value))]);
        if (isTag)
        {
            tag.Should().NotThrow();
        }
        else
        {
            tag.Should().Throw<ArgumentException>();
        }
    }

    [Theory]
    [InlineData("aws:x", "v")]
    [InlineData("AWS:x", "v")]
    [InlineData("k", "aws:v")]
    public void Tag_of_the_reserved_prefix_is_refused(string key, string value) =>
        Tagged([new Tag(key, value)]).Should().Throw<ArgumentException>().WithMessage("*aws:*");

    [Fact]
    public void Tag_keys_are_distinct_whatever_the_letter_case() =>
        Tagged([new Tag("Team", "a"), new Tag("team", "b")]).Should().Throw<ArgumentException>().WithMessage("*'team'*");

    private static PolicyDocument Trust { get; } = PolicyDocument.Parse(
        """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}""", PolicyKind.Trust);

    private static Action Make(Func<object> make) => () => make();

    /// <summary>Users and roles have the same rules: whatever is refused has to be refused for both.</summary>
    private static Action Tagged(IEnumerable<Tag> tags) => () =>
    {
        var all = tags.ToArray();
        Exception? OfUser() => Record.Exception(() => User.Create(Owner, "u") with { Tags = [.. all] });
        Exception? OfRole() => Record.Exception(() => Role.Create(Owner, "r", Trust) with { Tags = [.. all] });
        var (user, role) = (OfUser(), OfRole());
        (user?.Message).Should().Be(role?.Message);
        if (user is not null)
        {
            throw user;
        }
    };
}
