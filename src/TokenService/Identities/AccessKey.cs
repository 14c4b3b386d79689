namespace TokenService;

/// <summary>A long-term key of a user or of an account's root.</summary>
/// <param name="Id">The access key id, 16 to 128 word characters.</param>
/// <param name="Secret">The secret access key.</param>
public sealed record AccessKey(string Id, Secret Secret)
{
    /// <summary>Whether requests may be signed with it; an inactive key is answered like an unknown one.</summary>
    public bool IsActive { get; init; } = true;
}

/// <summary>A long-term key together with the one it belongs to.</summary>
/// <param name="Key">The key.</param>
/// <param name="Account">The owning account.</param>
/// <param name="User">The owning user, or <see langword="null"/> where the key is the account root's.</param>
public sealed record AccessKeyOwner(AccessKey Key, Account Account, User? User);
