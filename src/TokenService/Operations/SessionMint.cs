using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using NodaTime;
using NodaTime.Text;

namespace TokenService;

/// <summary>Draws the secrets of a new session, seals it, and tells the audit log.</summary>
internal sealed class SessionMint(TokenSealer sealer, int packedPolicyBudget, IClock clock, ILogger logger)
{
    private const int SessionIdBytes = 16;

    /// <summary>With this budget a token stays within what clients bear, unless names are long.</summary>
    private const int DefaultBudget = 2560;

    /// <summary>Whether the variable parts of a session find room in its token.</summary>
    /// <param name="policies">The session policies.</param>
    /// <param name="tags">The tags.</param>
    /// <param name="percent">How much of the room they take, rounded up.</param>
    /// <returns><c>PackedPolicyTooLarge</c>, which says what takes how much, or <see langword="null"/>.</returns>
    internal StsError? CheckPackedSize(PassedPolicies policies, ImmutableArray<SessionTag> tags, out int percent)
    {
        var parts = TokenLayout.Measure(policies.Inline, policies.Managed, tags);
        percent = ((100 * parts.Total) + packedPolicyBudget - 1) / packedPolicyBudget;
        if (parts.Total <= packedPolicyBudget)
        {
            return null;
        }

        var start = parts.Tags == parts.Total
            ? $"Packed size of session tags consumes {percent}% of allotted space."
            : $"Packed policy consumes {percent}% of allotted space.";
        return StsError.PackedPolicyTooLarge($"{start} {Parts(parts)}");
    }

    private string Parts(PackedParts parts) => string.Create(
        CultureInfo.InvariantCulture,
        $"Of {packedPolicyBudget} bytes the inline policy takes {parts.InlinePolicy}, the policy ARNs {parts.ManagedPolicies}, the tags {parts.Tags}.");

    /// <summary>Mints a session of a role.</summary>
    /// <returns>The credentials, or <c>PackedPolicyTooLarge</c> where the token would be longer than clients bear.</returns>
    internal StsResult<TemporaryCredentials> MintRoleSession(Caller caller, Role role, string sessionName, RoleSessionTerms terms)
    {
        Span<byte> random = stackalloc byte[TokenLayout.SecretBytes + SessionIdBytes + EncodedAccount.RandomBytes];
        RandomBlock.Fill(random);
        var secret = new Secret(Convert.ToBase64String(random[..TokenLayout.SecretBytes]));
        var id = BinaryPrimitives.ReadUInt128BigEndian(random[TokenLayout.SecretBytes..]);
        var accessKeyId = AccessKeyId.Create(AccessKeyId.TemporaryPrefix, terms.Account.Number, random[(TokenLayout.SecretBytes + SessionIdBytes)..]);
        CryptographicOperations.ZeroMemory(random);

        // Whole seconds, as they stand on the wire and in aws:TokenIssueTime.
        var issuedAt = Instant.FromUnixTimeSeconds(clock.GetCurrentInstant().ToUnixTimeSeconds());
        var calling = caller.Session;
        var session = new Session(secret)
        {
            Kind = SessionKind.Role,
            AccessKeyId = accessKeyId,
            Id = id,
            ChainId = calling?.ChainId ?? id,
            ChainDepth = calling is null ? 0 : calling.ChainDepth + 1,
            Account = role.Account,
            Partition = role.Arn.Partition,
            PrincipalPath = role.Path,
            PrincipalName = role.Name,
            PrincipalId = role.Id,
            Name = sessionName,
            IssuedAt = issuedAt,
            ExpiresAt = issuedAt + terms.Duration,
            IssuingAccessKeyId = caller.AccessKeyId,
            InlineSessionPolicy = terms.Policies.Inline?.Policy,
            ManagedPolicies = terms.Policies.Managed,
            Tags = terms.Tags,
            SourceIdentity = terms.SourceIdentity,
            FederatedIssuer = calling?.FederatedIssuer,
            FederatedSubject = calling?.FederatedSubject,
        };
        var token = sealer.Seal(session, terms.Policies.Inline, terms.MinimumTokenSize);
        if (token.Length > TemporaryCredentials.MaxSessionTokenSize && packedPolicyBudget <= DefaultBudget)
        {
            // Long paths and names take room too; a host that raised the budget said that its clients bear longer tokens.
            return StsError.PackedPolicyTooLarge(string.Create(
                CultureInfo.InvariantCulture,
                $"The session token would have {token.Length} characters, of which clients bear {TemporaryCredentials.MaxSessionTokenSize}. {Parts(TokenLayout.Measure(terms.Policies.Inline, terms.Policies.Managed, terms.Tags))}"));
        }

        Tell(caller, session, role);
        return new TemporaryCredentials(accessKeyId, secret, token, session.ExpiresAt);
    }

    private void Tell(Caller caller, Session session, Role role)
    {
        if (logger.IsEnabled(LogLevel.Information))
        {
            Telemetry.SessionIssued(
                logger,
                session.AccessKeyId,
                session.Id.ToString("x32", CultureInfo.InvariantCulture),
                caller.Arn.ToString(),
                caller.AccessKeyId,
                Arn.AssumedRoleText(role.Arn.Partition, role.Account, role.Name, session.Name),
                session.SourceIdentity,
                session.ChainId.ToString("x32", CultureInfo.InvariantCulture),
                InstantPattern.General.Format(session.ExpiresAt));
        }
    }
}

/// <summary>What was agreed on for a session of a role.</summary>
internal readonly record struct RoleSessionTerms
{
    /// <summary>The account of the role.</summary>
    internal required Account Account { get; init; }

    internal required Duration Duration { get; init; }

    internal required PassedPolicies Policies { get; init; }

    internal required ImmutableArray<SessionTag> Tags { get; init; }

    internal required string? SourceIdentity { get; init; }

    /// <summary>The least length of the token, in characters.</summary>
    internal required int MinimumTokenSize { get; init; }
}
