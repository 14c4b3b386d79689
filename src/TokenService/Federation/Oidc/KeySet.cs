using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace TokenService;

/// <summary>The keys of one provider, read and sifted once.</summary>
/// <remarks>Source: RFC 7517, section 5; docs/oidc.md, rule 4.</remarks>
internal sealed class KeySet
{
    /// <summary>How many RSA keys, and how many EC keys, a set has at most.</summary>
    internal const int MaxKeysOfAKind = 100;

    /// <summary>How many keys of one id a token may be tried against: a rotation in place takes two, and each costs the verification of a signature
    /// that nobody vouches for.</summary>
    internal const int MaxKeysOfAnId = 4;

    private readonly ImmutableArray<VerificationKey> _keys;

    private KeySet(ImmutableArray<VerificationKey> keys, ImmutableArray<string> flaws)
    {
        _keys = keys;
        Flaws = flaws;
    }

    /// <summary>A set without keys.</summary>
    internal static KeySet Empty { get; } = new([], []);

    /// <summary>Why keys were left out; of a set that is full of what is no key, the first of them.</summary>
    internal ImmutableArray<string> Flaws { get; }

    /// <param name="utf8">The JSON Web Key Set.</param>
    /// <param name="set">The set, when the answer is <see langword="true"/>: a bad key is left out of it and spoils no other.</param>
    /// <param name="rule">The rule that it breaks, when the answer is <see langword="false"/>.</param>
    internal static bool TryRead(ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out KeySet? set, out string rule)
    {
        set = null;
        rule = "the key set is a JSON object with a list of keys";
        if (!StrictJson.TryRead(utf8, endsWithObject: false, out var document))
        {
            return false;
        }

        using (document)
        {
            if (!document.RootElement.TryGetProperty("keys", out var list) || list.ValueKind != JsonValueKind.Array)
            {
                return false;
            }

            rule = "the key set has at most 100 RSA and 100 EC keys";
            if (Count(list, "RSA") > MaxKeysOfAKind || Count(list, "EC") > MaxKeysOfAKind)
            {
                return false;
            }

            var keys = ImmutableArray.CreateBuilder<VerificationKey>();
            var flaws = ImmutableArray.CreateBuilder<string>();
            foreach (var json in list.EnumerateArray())
            {
                if (VerificationKey.Read(json, out var flaw) is { } key)
                {
                    keys.Add(key);
                }
                else if (flaw is not null && flaws.Count < 2 * MaxKeysOfAKind)
                {
                    flaws.Add(flaw);
                }
            }

            DropCrowds(keys, flaws);
            set = new KeySet(keys.ToImmutable(), flaws.ToImmutable());
            return true;
        }
    }

    /// <summary>The keys that may have signed a token: one, unless the set has the same id several times.</summary>
    /// <param name="header">What the token says of its key.</param>
    /// <param name="isUnknown">Whether the token names a key that the set does not have, so that a newer set may have it.</param>
    internal ImmutableArray<VerificationKey> Find(in TokenHeader header, out bool isUnknown)
    {
        ImmutableArray<VerificationKey> named = [];
        VerificationKey? only = null;
        var (fitting, isNamed) = (0, false);
        foreach (var key in _keys)
        {
            var isTheOne = header.KeyId is not null && key.Id == header.KeyId;
            isNamed |= isTheOne;
            if (key.Fits(header.Algorithm))
            {
                fitting++;
                only = key;
                named = isTheOne ? named.Add(key) : named;
            }
        }

        if (!isNamed && fitting == 1 && (header.KeyId is null || only!.Id is null))
        {
            named = [only!];
        }

        isUnknown = header.KeyId is not null && !isNamed && named.IsEmpty;
        return named;
    }

    /// <summary>Leaves out all keys of an id that too many have for one algorithm: to keep the first of them would make the order count.</summary>
    private static void DropCrowds(ImmutableArray<VerificationKey>.Builder keys, ImmutableArray<string>.Builder flaws)
    {
        var crowded = keys
            .Where(key => key.Id is not null)
            .GroupBy(key => key.Id!, StringComparer.Ordinal)
            .Where(same => OidcProvider.KnownAlgorithms.Any(algorithm => same.Count(key => key.Fits(algorithm)) > MaxKeysOfAnId))
            .Select(same => same.Key)
            .ToHashSet(StringComparer.Ordinal);
        if (crowded.Count > 0)
        {
            keys.RemoveAll(key => key.Id is not null && crowded.Contains(key.Id));
            flaws.Add(string.Create(CultureInfo.InvariantCulture, $"it shares its kid with more than {MaxKeysOfAnId - 1} others for one algorithm, and none of them is used"));
        }
    }

    private static int Count(JsonElement list, string kind) => list.EnumerateArray().Count(key =>
        key.ValueKind == JsonValueKind.Object && key.TryGetProperty("kty", out var kty) && kty.ValueKind == JsonValueKind.String && kty.ValueEquals(kind));
}
