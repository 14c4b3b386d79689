namespace TokenService.Tests.Sessions;

public sealed class GenerationalCacheTests
{
    private const int Size = 8;

    private readonly GenerationalCache<string, ReadOnlySpan<char>, object> _cache = new(Size, StringComparer.Ordinal);

    [Fact]
    public void No_more_than_two_generations_are_remembered_however_many_there_were()
    {
        for (var index = 0; index < 1_000; index++)
        {
            _cache.Keep(Key(index), new object());
        }

        Enumerable.Range(0, 1_000 - (2 * Size)).Where(Remembers).Should().BeEmpty();
        Enumerable.Range(1_000 - Size, Size).Where(Remembers).Should().HaveCount(Size);
    }

    [Fact]
    public void What_is_asked_for_is_remembered_while_others_come_and_go()
    {
        var wanted = new object();
        _cache.Keep("wanted", wanted);
        for (var index = 0; index < 1_000; index++)
        {
            _cache.Keep(Key(index), new object());
            if (index % (Size / 2) == 0)
            {
                _cache.TryGet("wanted", out var found).Should().BeTrue();
                found.Should().BeSameAs(wanted);
            }
        }

        Remembers(0).Should().BeFalse();
    }

    private static string Key(int index) => index.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private bool Remembers(int index) => _cache.TryGet(Key(index), out _);
}
