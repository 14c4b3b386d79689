using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace TokenService;

/// <summary>Sixteen characters of base32 that carry an account id, as in access key ids and in the unique ids of users and roles.</summary>
/// <remarks>Eighty bits: a marker, forty bits of account, thirty-nine random ones (reference 1.2). The account can be read before any
/// look-up, so it may route a request; it authenticates nothing.</remarks>
internal static class EncodedAccount
{
    /// <summary>How many random bytes <see cref="Write"/> draws on: seven bits of the first, all of the others.</summary>
    internal const int RandomBytes = 5;

    private const int Characters = 16;
    private const int PrefixLength = 4;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    internal static void Write(ulong account, ReadOnlySpan<byte> random, Span<char> destination)
    {
        var high = (1UL << 47) | (account << 7) | (random[0] & 0x7FU);
        var low = ((uint)random[1] << 24) | ((uint)random[2] << 16) | ((uint)random[3] << 8) | random[4];
        var bits = ((UInt128)high << 32) | low;
        for (var index = Characters - 1; index >= 0; index--)
        {
            destination[index] = Alphabet[(int)(bits & 31)];
            bits >>= 5;
        }
    }

    internal static bool TryRead(string? id, [NotNullWhen(true)] out string? account)
    {
        account = null;
        if (id is null || id.Length < PrefixLength + Characters)
        {
            return false;
        }

        UInt128 bits = 0;
        foreach (var character in id.AsSpan(PrefixLength, Characters))
        {
            var value = character switch
            {
                >= 'A' and <= 'Z' => character - 'A',
                >= '2' and <= '7' => character - '2' + 26,
                _ => -1,
            };
            if (value < 0)
            {
                return false;
            }

            bits = (bits << 5) | (uint)value;
        }

        var number = (ulong)(bits >> 39) & 0xFFFFFFFFFFUL;
        if (bits >> 79 == 0 || number > 999_999_999_999UL)
        {
            return false;
        }

        account = number.ToString("D12", CultureInfo.InvariantCulture);
        return true;
    }
}
