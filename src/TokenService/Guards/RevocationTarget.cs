using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace TokenService;

/// <summary>Whose sessions are ended, named by what stands in audit logs and never by a token.</summary>
/// <remarks>What has not the form of such a name is refused, since a revocation that touches nothing looks like one that worked. Letter case
/// counts, except in the names of roles and users. Accounts, roles and users are not looked up: they may be gone.</remarks>
public sealed record RevocationTarget
{
    private const int MaxPartLength = 2048;
    private const int ChainIdLength = 32;
    private const string RoleArn = "role/";
    private const string UserArn = "user/";

    /// <summary>The levers as texts have them, each with the parts that its text has.</summary>
    private static readonly ImmutableArray<(string Text, RevocationLevers Lever, bool HasName, bool HasDetail)> Levers =
    [
        ("session", RevocationLevers.AccessKey, false, false),
        ("role-id", RevocationLevers.RoleId, false, false),
        ("role", RevocationLevers.RoleName, true, false),
        ("role-id-session", RevocationLevers.RoleIdSession, false, true),
        ("role-session", RevocationLevers.RoleNameSession, true, true),
        ("federated-user", RevocationLevers.FederatedUser, false, true),
        ("user-id", RevocationLevers.UserId, false, false),
        ("user", RevocationLevers.UserName, true, false),
        ("source-identity", RevocationLevers.SourceIdentity, false, false),
        ("federated-subject", RevocationLevers.FederatedSubject, false, true),
        ("issuing-key", RevocationLevers.IssuingKey, false, false),
        ("account", RevocationLevers.Account, false, false),
        ("chain", RevocationLevers.Chain, false, false),
    ];

    private RevocationTarget(RevocationLevers lever, string first, string name = "", string detail = "")
    {
        var number = lever == RevocationLevers.Chain ? UInt128.Parse(first, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : default;
        Key = new RevocationKey(lever, lever == RevocationLevers.Chain ? "" : first, name, detail, number);
        Text = Write(lever, first, name, detail);
    }

    private RevocationTarget(string text)
    {
        Key = new RevocationKey(RevocationLevers.None, "");
        Text = text;
    }

    /// <summary>The target on one line, as audit events have it and as shared implementations of <see cref="IRevocationList"/> keep it:
    /// <c>role/111122223333/Admin</c>. Parts are escaped as in URIs.</summary>
    public string Text { get; }

    internal RevocationKey Key { get; }

    /// <summary>Stands for what a list no longer knows.</summary>
    internal static RevocationTarget Forgotten { get; } = new("forgotten");

    /// <summary>One session.</summary>
    /// <param name="accessKeyId">Its temporary access key id, <c>ASIA…</c>.</param>
    /// <returns>The target.</returns>
    /// <exception cref="ArgumentException">The text is not a temporary access key id. A long-term key is deactivated in the user store; the
    /// sessions that it began are those of <see cref="IssuingKey"/>.</exception>
    public static RevocationTarget Session(string accessKeyId) =>
        AccessKeyId.IsValid(accessKeyId) && AccessKeyId.IsTemporary(accessKeyId)
            ? new(RevocationLevers.AccessKey, accessKeyId)
            : throw new ArgumentException("A session is named by its temporary access key id, ASIA….", nameof(accessKeyId));

    /// <summary>The sessions of one name, of a role or a federated user.</summary>
    /// <param name="name">The session's ARN, <c>arn:P:sts::ACCOUNT:assumed-role/ROLE/SESSION</c> or <c>arn:P:sts::ACCOUNT:federated-user/NAME</c>,
    /// or its <c>aws:userid</c>, <c>AROA…:SESSION</c> or <c>ACCOUNT:NAME</c>.</param>
    /// <returns>The target.</returns>
    /// <exception cref="ArgumentException">The text is none of these.</exception>
    public static RevocationTarget SessionNamed(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Arn.TryParse(name, out var arn))
        {
            var parts = arn.Resource.Split('/');
            if (arn.Service == "sts" && AccountId.IsValid(arn.Account) && parts.All(part => part.Length > 0))
            {
                switch (parts)
                {
                    case ["assumed-role", var role, var session]:
                        return new(RevocationLevers.RoleNameSession, arn.Account, role, session);
                    case ["federated-user", var user]:
                        return new(RevocationLevers.FederatedUser, arn.Account, detail: user);
                }
            }
        }
        else if (name.Split(':') is [{ Length: > 0 } owner, { Length: > 0 } session])
        {
            if (UniqueId.IsValid(owner, UniqueId.RolePrefix))
            {
                return new(RevocationLevers.RoleIdSession, owner, detail: session);
            }

            if (AccountId.IsValid(owner))
            {
                return new(RevocationLevers.FederatedUser, owner, detail: session);
            }
        }

        throw new ArgumentException("A session's name is the ARN of a role session or a federated user, AROA…:SESSION or ACCOUNT:NAME.", nameof(name));
    }

    /// <summary>The sessions of a role; sessions that were chained from them into other roles are not among these.</summary>
    /// <param name="idOrArn">The unique id, <c>AROA…</c>, or the ARN. The ARN means every role that has or had the name in that account,
    /// whatever its path; the id means that role alone.</param>
    /// <returns>The target.</returns>
    /// <exception cref="ArgumentException">The text is neither.</exception>
    public static RevocationTarget Role(string idOrArn) =>
        UniqueId.IsValid(idOrArn, UniqueId.RolePrefix) ? new(RevocationLevers.RoleId, idOrArn)
            : TryReadName(idOrArn, RoleArn, out var account, out var name) ? new(RevocationLevers.RoleName, account, name)
            : throw new ArgumentException("A role is named by its unique id, AROA…, or its ARN.", nameof(idOrArn));

    /// <summary>The sessions that stand on a user (<c>GetSessionToken</c>, <c>GetFederationToken</c>); roles that the user assumed are not among
    /// these, see <see cref="IssuingKey"/>.</summary>
    /// <param name="idOrArn">The unique id, <c>AIDA…</c>, or the ARN. The ARN means every user that has or had the name in that account,
    /// whatever its path; the id means that user alone.</param>
    /// <returns>The target.</returns>
    /// <exception cref="ArgumentException">The text is neither.</exception>
    public static RevocationTarget User(string idOrArn) =>
        UniqueId.IsValid(idOrArn, UniqueId.UserPrefix) ? new(RevocationLevers.UserId, idOrArn)
            : TryReadName(idOrArn, UserArn, out var account, out var name) ? new(RevocationLevers.UserName, account, name)
            : throw new ArgumentException("A user is named by its unique id, AIDA…, or its ARN.", nameof(idOrArn));

    /// <summary>The sessions with a source identity, along whole chains and in every account.</summary>
    /// <param name="sourceIdentity">The source identity.</param>
    /// <returns>The target.</returns>
    /// <exception cref="ArgumentException">The text is empty or too long.</exception>
    public static RevocationTarget SourceIdentity(string sourceIdentity) =>
        new(RevocationLevers.SourceIdentity, Part(sourceIdentity, nameof(sourceIdentity)));

    /// <summary>The sessions whose chain began with an assertion or token about somebody.</summary>
    /// <param name="issuer">Who issued it, as it says itself.</param>
    /// <param name="subject">Whom it is about.</param>
    /// <returns>The target.</returns>
    /// <exception cref="ArgumentException">A text is empty or too long.</exception>
    public static RevocationTarget FederatedSubject(string issuer, string subject) =>
        new(RevocationLevers.FederatedSubject, Part(issuer, nameof(issuer)), detail: Part(subject, nameof(subject)));

    /// <summary>The sessions that requests signed with a key began. Those that began from them in turn are not among these, see
    /// <see cref="Chain"/>.</summary>
    /// <param name="accessKeyId">The access key id, long-term or temporary.</param>
    /// <returns>The target.</returns>
    /// <exception cref="ArgumentException">The text is not an access key id.</exception>
    public static RevocationTarget IssuingKey(string accessKeyId) =>
        AccessKeyId.IsValid(accessKeyId)
            ? new(RevocationLevers.IssuingKey, accessKeyId)
            : throw new ArgumentException("A key is named by its access key id.", nameof(accessKeyId));

    /// <summary>The sessions of every identity of an account; not those that its identities have of roles elsewhere.</summary>
    /// <param name="accountId">The account's id.</param>
    /// <returns>The target.</returns>
    /// <exception cref="ArgumentException">The text is not twelve digits.</exception>
    public static RevocationTarget Account(string accountId) =>
        AccountId.IsValid(accountId)
            ? new(RevocationLevers.Account, accountId)
            : throw new ArgumentException("An account is named by twelve digits.", nameof(accountId));

    /// <summary>The sessions of a chain: the first one, and all that began from it, however many steps away.</summary>
    /// <param name="chainId">The chain's id as audit events have it: 32 hexadecimal digits.</param>
    /// <returns>The target.</returns>
    /// <exception cref="ArgumentException">The text is not such an id.</exception>
    public static RevocationTarget Chain(string chainId) =>
        chainId is not null && IsFirstOf(RevocationLevers.Chain, chainId)
            ? new(RevocationLevers.Chain, chainId.ToLowerInvariant())
            : throw new ArgumentException($"A chain is named by {ChainIdLength} hexadecimal digits.", nameof(chainId));

    /// <summary>Reads what <see cref="Text"/> was written, for implementations that carry revocations between nodes.</summary>
    /// <param name="text">The text to read.</param>
    /// <param name="target">The target, when the answer is <see langword="true"/>.</param>
    /// <returns>Whether the text is that of a target.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out RevocationTarget? target)
    {
        target = null;
        if (text?.Split('/') is not [var kind, .. var parts])
        {
            return false;
        }

        foreach (var (name, lever, hasName, hasDetail) in Levers)
        {
            if (name == kind && parts.Length == 1 + (hasName ? 1 : 0) + (hasDetail ? 1 : 0))
            {
                parts = [.. parts.Select(Uri.UnescapeDataString)];
                target = IsFirstOf(lever, parts[0]) && parts.All(part => part.Length is > 0 and <= MaxPartLength)
                    ? new RevocationTarget(lever, parts[0], hasName ? parts[1] : "", hasDetail ? parts[^1] : "")
                    : null;
                break;
            }
        }

        return target is not null;
    }

    /// <inheritdoc/>
    public bool Equals(RevocationTarget? other) => other is not null && Key == other.Key;

    /// <inheritdoc/>
    public override int GetHashCode() => Key.GetHashCode();

    /// <summary>The target on one line.</summary>
    /// <returns>The text of <see cref="Text"/>.</returns>
    public override string ToString() => Text;

    /// <summary>Whether a text can be the first part of such a target.</summary>
    private static bool IsFirstOf(RevocationLevers lever, string text) => lever switch
    {
        RevocationLevers.AccessKey => AccessKeyId.IsValid(text) && AccessKeyId.IsTemporary(text),
        RevocationLevers.IssuingKey => AccessKeyId.IsValid(text),
        RevocationLevers.RoleId or RevocationLevers.RoleIdSession => UniqueId.IsValid(text, UniqueId.RolePrefix),
        RevocationLevers.UserId => UniqueId.IsValid(text, UniqueId.UserPrefix),
        RevocationLevers.RoleName or RevocationLevers.RoleNameSession or RevocationLevers.UserName or RevocationLevers.FederatedUser
            or RevocationLevers.Account => AccountId.IsValid(text),
        RevocationLevers.Chain => text.Length == ChainIdLength && text.All(char.IsAsciiHexDigit),
        _ => true,
    };

    private static string Write(RevocationLevers lever, string first, string name, string detail)
    {
        var form = Levers.First(candidate => candidate.Lever == lever);
        return string.Join('/', [form.Text, Escape(first), .. form.HasName ? [Escape(name)] : Array.Empty<string>(), .. form.HasDetail ? [Escape(detail)] : Array.Empty<string>()]);
    }

    private static string Escape(string part) => Uri.EscapeDataString(part);

    private static string Part(string text, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(text, parameter);
        return text.Length <= MaxPartLength ? text : throw new ArgumentException($"The text is longer than {MaxPartLength} characters.", parameter);
    }

    private static bool TryReadName(string? text, string kind, [NotNullWhen(true)] out string? account, [NotNullWhen(true)] out string? name)
    {
        (account, name) = (null, null);
        if (!Arn.TryParse(text, out var arn) || arn.Service != "iam" || !AccountId.IsValid(arn.Account)
            || !arn.Resource.StartsWith(kind, StringComparison.Ordinal) || arn.Resource.EndsWith('/'))
        {
            return false;
        }

        (account, name) = (arn.Account, arn.Resource[(arn.Resource.LastIndexOf('/') + 1)..]);
        return true;
    }
}
