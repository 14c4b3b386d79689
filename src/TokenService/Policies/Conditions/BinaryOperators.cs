using System.Buffers;
using System.Buffers.Text;

namespace TokenService;

/// <summary>The Binary family: bytes, written in base64 (RFC 4648, with padding and without white space).</summary>
internal static class BinaryOperators
{
    internal static readonly ConditionOperator[] All =
    [
        new("BinaryEquals", ConditionOperand.Reading(text => IsBase64(text) ? new Operand(Convert.FromBase64String(text)) : null, "base64")),
    ];

    private const int StackLimit = 256;

    private static bool IsBase64(string text) => Base64.IsValid(text) && !text.AsSpan().ContainsAny(" \t\r\n");

    private sealed class Operand(byte[] bytes) : ConditionOperand
    {
        internal override TextMatch Compare(string value, RequestContext context)
        {
            // As many bytes need as many characters, so that a value of another length is not decoded at all.
            if (value.Length != (bytes.Length + 2) / 3 * 4 || !IsBase64(value))
            {
                return TextMatch.No;
            }

            var rented = bytes.Length > StackLimit ? ArrayPool<byte>.Shared.Rent(bytes.Length + 2) : null;
            var decoded = rented is null ? stackalloc byte[StackLimit + 2] : rented;
            var match = Convert.TryFromBase64String(value, decoded, out var written) && decoded[..written].SequenceEqual(bytes)
                ? TextMatch.Yes
                : TextMatch.No;
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }

            return match;
        }
    }
}
