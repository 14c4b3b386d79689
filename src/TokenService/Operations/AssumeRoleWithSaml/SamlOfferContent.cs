using System.Collections.Immutable;
using System.Text;
using NodaTime;

namespace TokenService;

/// <summary>The identities of a response, one for each provider that accepts it, as they lie sealed in a form.</summary>
/// <remarks>Lengths before texts, in the platform's own writing; nobody but this service writes it, and whatever was changed is not opened.</remarks>
internal static class SamlOfferContent
{
    internal static byte[] Write(IReadOnlyCollection<SamlIdentity> identities)
    {
        using var content = new MemoryStream();
        using var writer = new BinaryWriter(content, Encoding.UTF8);
        writer.Write(identities.Count);
        foreach (var identity in identities)
        {
            var federated = identity.Federated;
            writer.Write(federated.ProviderArn.ToString());
            writer.Write(federated.Issuer);
            writer.Write(federated.Subject);
            writer.Write(federated.Audience);
            WriteAll(writer, federated.Keys, pair => (pair.Key, pair.Value));
            WriteAll(writer, federated.SessionKeys, pair => (pair.Key, pair.Value));
            WriteAll(writer, federated.Tags, tag => (tag.Key, tag.Value));
            WriteAll(writer, federated.TransitiveTagKeys, key => (key, ""));
            WriteOptional(writer, federated.SourceIdentity);
            WriteAll(writer, identity.Roles, role => (role.RoleArn, role.ProviderArn));
            writer.Write(identity.AssertionId);
            writer.Write(identity.RoleSessionName);
            WriteOptional(writer, identity.NameIdFormat);
            writer.Write(identity.SubjectType);
            writer.Write(identity.NameQualifier);
            writer.Write(identity.SessionDuration ?? 0);

            // Ticks round down, so that no session outlives the provider's.
            writer.Write(identity.SessionNotOnOrAfter?.ToUnixTimeTicks() ?? long.MaxValue);
        }

        writer.Flush();
        return content.ToArray();
    }

    internal static SamlIdentity[] Read(byte[] content)
    {
        using var reader = new BinaryReader(new MemoryStream(content, writable: false), Encoding.UTF8);
        var identities = new SamlIdentity[reader.ReadInt32()];
        for (var index = 0; index < identities.Length; index++)
        {
            var provider = Arn.Parse(reader.ReadString());
            var federated = new FederatedIdentity
            {
                ProviderArn = provider,
                Issuer = reader.ReadString(),
                Subject = reader.ReadString(),
                Audience = reader.ReadString(),
                Keys = ReadAll(reader, KeyValuePair.Create),
                SessionKeys = ReadAll(reader, KeyValuePair.Create),
                Tags = ReadAll(reader, (key, value) => new Tag(key, value)),
                TransitiveTagKeys = ReadAll(reader, (key, _) => key),
                SourceIdentity = ReadOptional(reader),
            };
            var roles = ReadAll(reader, (role, by) => new SamlRole(role, by));
            identities[index] = new SamlIdentity
            {
                Federated = federated with { Roles = [.. roles.Where(role => role.ProviderArn == provider.ToString()).Select(role => role.RoleArn)] },
                Roles = roles,
                AssertionId = reader.ReadString(),
                RoleSessionName = reader.ReadString(),
                NameIdFormat = ReadOptional(reader),
                SubjectType = reader.ReadString(),
                NameQualifier = reader.ReadString(),
                SessionDuration = reader.ReadInt32() is > 0 and var seconds ? seconds : null,
                SessionNotOnOrAfter = reader.ReadInt64() is < long.MaxValue and var ticks ? Instant.FromUnixTimeTicks(ticks) : null,
            };
        }

        return identities;
    }

    private static void WriteAll<T>(BinaryWriter writer, ImmutableArray<T> all, Func<T, (string First, string Second)> textsOf)
    {
        writer.Write(all.Length);
        foreach (var each in all)
        {
            var (first, second) = textsOf(each);
            writer.Write(first);
            writer.Write(second);
        }
    }

    private static ImmutableArray<T> ReadAll<T>(BinaryReader reader, Func<string, string, T> create)
    {
        var all = ImmutableArray.CreateBuilder<T>(reader.ReadInt32());
        while (all.Count < all.Capacity)
        {
            all.Add(create(reader.ReadString(), reader.ReadString()));
        }

        return all.MoveToImmutable();
    }

    private static void WriteOptional(BinaryWriter writer, string? text)
    {
        writer.Write(text is not null);
        writer.Write(text ?? "");
    }

    private static string? ReadOptional(BinaryReader reader)
    {
        var isThere = reader.ReadBoolean();
        var text = reader.ReadString();
        return isThere ? text : null;
    }
}
