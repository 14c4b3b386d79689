namespace TokenService;

/// <summary>By what sessions are ended. Values are bits, so that a list can tell at a glance which ones it has.</summary>
[Flags]
internal enum RevocationLevers
{
    None = 0,
    AccessKey = 1 << 0,
    RoleId = 1 << 1,
    RoleName = 1 << 2,
    RoleIdSession = 1 << 3,
    RoleNameSession = 1 << 4,
    FederatedUser = 1 << 5,
    UserId = 1 << 6,
    UserName = 1 << 7,
    SourceIdentity = 1 << 8,
    FederatedSubject = 1 << 9,
    IssuingKey = 1 << 10,
    Account = 1 << 11,
    Chain = 1 << 12,
}

/// <summary>What a revocation is looked up by: made of what the session has, without an allocation.</summary>
/// <param name="Lever">By what sessions are ended.</param>
/// <param name="First">An id, an account or an issuer.</param>
/// <param name="Name">The name of a role or user, whose letter case does not count, as it does not in IAM.</param>
/// <param name="Detail">A session's name or a subject, whose letter case counts.</param>
/// <param name="Number">The id of a chain.</param>
internal readonly record struct RevocationKey(
    RevocationLevers Lever, string First, string Name = "", string Detail = "", UInt128 Number = default)
{
    public bool Equals(RevocationKey other) =>
        Lever == other.Lever && First == other.First && Detail == other.Detail && Number == other.Number
        && string.Equals(Name, other.Name, StringComparison.OrdinalIgnoreCase);

    public override int GetHashCode() =>
        HashCode.Combine((int)Lever, First, Name.GetHashCode(StringComparison.OrdinalIgnoreCase), Detail, Number);
}
