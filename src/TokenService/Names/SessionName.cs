using System.Buffers;

namespace TokenService;

/// <summary>Which texts can be the name of a session, or a source identity.</summary>
/// <remarks>Source: STS API Reference, <c>roleSessionNameType</c> and <c>sourceIdentityType</c>: 2 to 64 of <c>[\w+=,.@-]</c>, where <c>\w</c> is ASCII's.</remarks>
internal static class SessionName
{
    private const int MinLength = 2;
    private const int MaxLength = 64;

    private static readonly SearchValues<char> Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-");

    internal static bool IsValid(string text) => text.Length is >= MinLength and <= MaxLength && !text.AsSpan().ContainsAnyExcept(Characters);

    /// <summary>Whether a text can be a source identity: those that begin with <c>aws:</c> are reserved.</summary>
    internal static bool IsSourceIdentity(string text) => IsValid(text) && !text.StartsWith("aws:", StringComparison.OrdinalIgnoreCase);
}
