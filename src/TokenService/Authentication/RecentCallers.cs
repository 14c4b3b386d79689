namespace TokenService;

/// <summary>The callers that were made last of long-term keys. One serves again where the store still has the very same key's owner, and has its names
/// ready then; what is remembered decides nothing.</summary>
/// <remarks>A slot is written whole, so threads need no lock: of two keys with one slot the later stays.</remarks>
internal sealed class RecentCallers
{
    private const int Slots = 1024;

    private readonly Caller?[] _slots = new Caller?[Slots];

    /// <summary>An access key id as a text of its own.</summary>
    /// <param name="id">One of valid form.</param>
    internal string TextOf(ReadOnlySpan<char> id) =>
        _slots[SlotOf(id)]?.AccessKeyId is { } known && id.SequenceEqual(known) ? known : id.ToString();

    /// <summary>The caller that has a key.</summary>
    internal Caller CallerOf(AccessKeyOwner owner, string accessKeyId)
    {
        ref var slot = ref _slots[SlotOf(accessKeyId)];
        return slot is { } last && ReferenceEquals(last.Account, owner.Account) && ReferenceEquals(last.User, owner.User) && last.AccessKeyId == accessKeyId
            ? last
            : slot = owner.User is { } user ? Caller.ForUser(owner.Account, user, accessKeyId) : Caller.ForRoot(owner.Account, accessKeyId);
    }

    // The last characters of an id are random.
    private static int SlotOf(ReadOnlySpan<char> id) => (id[^1] ^ (id[^2] << 3) ^ (id[^3] << 6)) & (Slots - 1);
}
