using System.Security.Cryptography;

namespace TokenService;

/// <summary>Random bytes from the platform, drawn in blocks: one call to the system costs the same for 16 bytes as for 4,096.</summary>
/// <remarks>Each thread has its own block; bytes are wiped as they are handed out, so that no byte serves twice and none stays behind.</remarks>
internal static class RandomBlock
{
    private const int Size = 4096;

    [ThreadStatic]
    private static byte[]? _block;

    [ThreadStatic]
    private static int _left;

    internal static void Fill(Span<byte> destination)
    {
        if (destination.Length > _left)
        {
            if (destination.Length > Size)
            {
                RandomNumberGenerator.Fill(destination);
                return;
            }

            _block ??= new byte[Size];
            RandomNumberGenerator.Fill(_block);
            _left = Size;
        }

        _left -= destination.Length;
        var taken = _block.AsSpan(_left, destination.Length);
        taken.CopyTo(destination);
        CryptographicOperations.ZeroMemory(taken);
    }
}
