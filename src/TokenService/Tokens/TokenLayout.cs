using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;
using NodaTime;

namespace TokenService;

/// <summary>The first version of what is sealed into a session token: a session's facts, one after the other.</summary>
/// <remarks>A field that most sessions lack stands behind a bit of <see cref="Fields"/>. A later version is a new layout beside this one, told
/// apart by the token's first byte, so that tokens in use stay readable.</remarks>
internal static class TokenLayout
{
    internal const byte Version = 1;

    /// <summary>The random bytes of a secret access key; as text, forty characters of base64.</summary>
    internal const int SecretBytes = 30;

    internal const int SecretCharacters = 40;

    private static readonly string[] KnownPartitions = ["", "aws", "aws-cn", "aws-us-gov"];

    [Flags]
    private enum Fields
    {
        None = 0,
        Chain = 1,
        IssuingKey = 1 << 1,
        InlinePolicy = 1 << 2,
        CompressedPolicy = 1 << 3,
        ManagedPolicies = 1 << 4,
        Tags = 1 << 5,
        SourceIdentity = 1 << 6,
        Mfa = 1 << 7,
        FederatedProvider = 1 << 8,
        FederatedIssuer = 1 << 9,
        FederatedSubject = 1 << 10,
        FederatedKeys = 1 << 11,
        TaskPolicy = 1 << 12,
        Name = 1 << 13,
        Approver = 1 << 14,
    }

    /// <summary>How many bytes session policies and tags take: what the packed size counts.</summary>
    internal static PackedParts Measure(SessionPolicy? policy, ImmutableArray<Arn> managedPolicies, ImmutableArray<SessionTag> tags)
    {
        var tagBytes = 0;
        foreach (var tag in tags)
        {
            tagBytes += 3 + Encoding.UTF8.GetByteCount(tag.Key) + Encoding.UTF8.GetByteCount(tag.Value);
        }

        var arnBytes = 0;
        foreach (var arn in managedPolicies)
        {
            arnBytes += 2 + Encoding.UTF8.GetByteCount(arn.ToString());
        }

        return new PackedParts(policy?.Packed.Length ?? 0, arnBytes, tagBytes);
    }

    internal static int MaxLength(Session session, SessionPolicy? policy)
    {
        // Every other field is bounded by its own rule; federated keys and subjects, which an identity provider words, are counted.
        var length = 4096 + Measure(policy, session.ManagedPolicies, session.Tags).Total
            + Size(session.FederatedProvider) + Size(session.FederatedIssuer) + Size(session.FederatedSubject) + Size(session.PrincipalPath);
        foreach (var (key, value) in session.FederatedKeys)
        {
            length += Size(key) + Size(value);
        }

        return length;

        static int Size(string? text) => text is null ? 0 : 10 + Encoding.UTF8.GetMaxByteCount(text.Length);
    }

    internal static int Write(Session session, SessionPolicy? policy, Span<byte> destination)
    {
        var fields = FieldsOf(session, policy);
        var writer = new TokenWriter(destination);
        writer.Byte((byte)session.Kind);
        writer.Number((uint)fields);
        writer.Text(session.AccessKeyId);
        WriteSecret(ref writer, session.Secret);
        writer.Number128(session.Id);
        writer.Number((ulong)session.IssuedAt.ToUnixTimeSeconds());
        writer.Number((ulong)(session.ExpiresAt - session.IssuedAt).TotalSeconds);
        writer.Number(ulong.Parse(session.Account, System.Globalization.CultureInfo.InvariantCulture));
        var partition = Array.IndexOf(KnownPartitions, session.Partition);
        writer.Byte((byte)Math.Max(partition, 0));
        if (partition < 0)
        {
            writer.Text(session.Partition);
        }

        writer.Text(session.PrincipalPath);
        writer.Text(session.PrincipalName);
        writer.Text(session.PrincipalId);
        if (Has(fields, Fields.Name))
        {
            writer.Text(session.Name);
        }

        if (Has(fields, Fields.Chain))
        {
            writer.Number128(session.ChainId);
            writer.Number((uint)session.ChainDepth);
        }

        WriteOptional(ref writer, session.IssuingAccessKeyId);
        if (policy is not null)
        {
            writer.Number((uint)policy.Packed.Length);
            writer.Bytes(policy.Packed);
        }

        if (Has(fields, Fields.ManagedPolicies))
        {
            writer.Number((uint)session.ManagedPolicies.Length);
            foreach (var arn in session.ManagedPolicies)
            {
                writer.Text(arn.ToString());
            }
        }

        if (Has(fields, Fields.Tags))
        {
            writer.Number((uint)session.Tags.Length);
            foreach (var tag in session.Tags)
            {
                writer.Byte(tag.IsTransitive ? (byte)1 : (byte)0);
                writer.Text(tag.Key);
                writer.Text(tag.Value);
            }
        }

        WriteOptional(ref writer, session.SourceIdentity);
        if (session.MfaAuthenticatedAt is { } mfa)
        {
            writer.Number((ulong)mfa.ToUnixTimeSeconds());
        }

        WriteOptional(ref writer, session.FederatedProvider);
        WriteOptional(ref writer, session.FederatedIssuer);
        WriteOptional(ref writer, session.FederatedSubject);
        if (Has(fields, Fields.FederatedKeys))
        {
            writer.Number((uint)session.FederatedKeys.Length);
            foreach (var (key, value) in session.FederatedKeys)
            {
                writer.Text(key);
                writer.Text(value);
            }
        }

        WriteOptional(ref writer, session.TaskPolicy?.ToString());
        if (session.Approver is { } approver)
        {
            writer.Byte((byte)approver);
        }

        return writer.Length;
    }

    internal static Session Read(ReadOnlySpan<byte> source, SessionPolicyCache policies)
    {
        var reader = new TokenReader(source);
        var kind = (SessionKind)reader.Byte();
        var fields = (Fields)reader.Number();
        var accessKeyId = reader.Text();
        var secret = ReadSecret(ref reader);
        var id = reader.Number128();
        var issuedAt = Instant.FromUnixTimeSeconds((long)reader.Number());
        var expiresAt = issuedAt + Duration.FromSeconds((long)reader.Number());
        var account = reader.Number().ToString("D12", System.Globalization.CultureInfo.InvariantCulture);
        var partition = reader.Byte() is var known and > 0 ? KnownPartitions[known] : reader.Text();
        var path = reader.Utf8() is var pathBytes && pathBytes.SequenceEqual("/"u8) ? "/" : Encoding.UTF8.GetString(pathBytes);

        // The initializers below run in the order of the layout.
        return new Session(secret)
        {
            Kind = kind,
            AccessKeyId = accessKeyId,
            Id = id,
            IssuedAt = issuedAt,
            ExpiresAt = expiresAt,
            Account = account,
            Partition = partition,
            PrincipalPath = path,
            PrincipalName = reader.Text(),
            PrincipalId = reader.Text(),
            Name = Has(fields, Fields.Name) ? reader.Text() : string.Empty,
            ChainId = Has(fields, Fields.Chain) ? reader.Number128() : id,
            ChainDepth = Has(fields, Fields.Chain) ? (int)reader.Number() : 0,
            IssuingAccessKeyId = Has(fields, Fields.IssuingKey) ? reader.Text() : null,
            InlineSessionPolicy = Has(fields, Fields.InlinePolicy)
                ? policies.Unpack(reader.Utf8(), Has(fields, Fields.CompressedPolicy)).Policy
                : null,
            ManagedPolicies = Has(fields, Fields.ManagedPolicies) ? ReadArns(ref reader) : [],
            Tags = Has(fields, Fields.Tags) ? ReadTags(ref reader) : [],
            SourceIdentity = Has(fields, Fields.SourceIdentity) ? reader.Text() : null,
            MfaAuthenticatedAt = Has(fields, Fields.Mfa) ? Instant.FromUnixTimeSeconds((long)reader.Number()) : null,
            FederatedProvider = Has(fields, Fields.FederatedProvider) ? reader.Text() : null,
            FederatedIssuer = Has(fields, Fields.FederatedIssuer) ? reader.Text() : null,
            FederatedSubject = Has(fields, Fields.FederatedSubject) ? reader.Text() : null,
            FederatedKeys = Has(fields, Fields.FederatedKeys) ? ReadPairs(ref reader) : [],
            TaskPolicy = Has(fields, Fields.TaskPolicy) ? Arn.Parse(reader.Text()) : null,
            Approver = Has(fields, Fields.Approver) ? (SessionKind)reader.Byte() : null,
        };
    }

    private static Fields FieldsOf(Session session, SessionPolicy? policy) =>
        (session.Name.Length > 0 ? Fields.Name : Fields.None)
        | (session.ChainDepth > 0 ? Fields.Chain : Fields.None)
        | (session.IssuingAccessKeyId is not null ? Fields.IssuingKey : Fields.None)
        | (policy is not null ? Fields.InlinePolicy : Fields.None)
        | (policy is { IsCompressed: true } ? Fields.CompressedPolicy : Fields.None)
        | (session.ManagedPolicies.IsEmpty ? Fields.None : Fields.ManagedPolicies)
        | (session.Tags.IsEmpty ? Fields.None : Fields.Tags)
        | (session.SourceIdentity is not null ? Fields.SourceIdentity : Fields.None)
        | (session.MfaAuthenticatedAt is not null ? Fields.Mfa : Fields.None)
        | (session.FederatedProvider is not null ? Fields.FederatedProvider : Fields.None)
        | (session.FederatedIssuer is not null ? Fields.FederatedIssuer : Fields.None)
        | (session.FederatedSubject is not null ? Fields.FederatedSubject : Fields.None)
        | (session.FederatedKeys.IsEmpty ? Fields.None : Fields.FederatedKeys)
        | (session.TaskPolicy is not null ? Fields.TaskPolicy : Fields.None)
        | (session.Approver is not null ? Fields.Approver : Fields.None);

    // Enum.HasFlag boxes both sides wherever the compiler does not see through it.
    private static bool Has(Fields fields, Fields field) => (fields & field) != Fields.None;

    private static void WriteOptional(ref TokenWriter writer, string? text)
    {
        if (text is not null)
        {
            writer.Text(text);
        }
    }

    private static void WriteSecret(ref TokenWriter writer, Secret secret)
    {
        Span<byte> characters = stackalloc byte[SecretCharacters];
        Span<byte> bytes = stackalloc byte[SecretBytes];
        Encoding.ASCII.GetBytes(secret.Reveal(), characters);
        Base64.DecodeFromUtf8(characters, bytes, out _, out _);
        writer.Bytes(bytes);
    }

    private static Secret ReadSecret(ref TokenReader reader) => new(Convert.ToBase64String(reader.Bytes(SecretBytes)));

    private static ImmutableArray<Arn> ReadArns(ref TokenReader reader)
    {
        var arns = new Arn[(int)reader.Number()];
        for (var index = 0; index < arns.Length; index++)
        {
            arns[index] = Arn.Parse(reader.Text());
        }

        return System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(arns);
    }

    private static ImmutableArray<SessionTag> ReadTags(ref TokenReader reader)
    {
        var tags = new SessionTag[(int)reader.Number()];
        for (var index = 0; index < tags.Length; index++)
        {
            var transitive = reader.Byte() == 1;
            tags[index] = new SessionTag(reader.Text(), reader.Text(), transitive);
        }

        return System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(tags);
    }

    private static ImmutableArray<KeyValuePair<string, string>> ReadPairs(ref TokenReader reader)
    {
        var pairs = new KeyValuePair<string, string>[(int)reader.Number()];
        for (var index = 0; index < pairs.Length; index++)
        {
            pairs[index] = new KeyValuePair<string, string>(reader.Text(), reader.Text());
        }

        return System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(pairs);
    }
}

/// <summary>The bytes that the variable parts of a session take inside its token.</summary>
/// <param name="InlinePolicy">The inline session policy.</param>
/// <param name="ManagedPolicies">The ARNs of the managed session policies.</param>
/// <param name="Tags">The tags.</param>
internal readonly record struct PackedParts(int InlinePolicy, int ManagedPolicies, int Tags)
{
    internal int Total => InlinePolicy + ManagedPolicies + Tags;
}
