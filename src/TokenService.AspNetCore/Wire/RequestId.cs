using System.Security.Cryptography;

namespace TokenService.AspNetCore;

/// <summary>The id that names one request in its answer, in that answer's header and in the log.</summary>
internal static class RequestId
{
    /// <summary>A new one, as a UUID of version 4 (RFC 9562, 5.4).</summary>
    internal static string Create()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }
}
