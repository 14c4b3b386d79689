using System.Collections.Immutable;

namespace TokenService;

/// <summary>An upload by form whose policy holds: who signed it, and what it puts where.</summary>
/// <remarks>Made by the <see cref="RequestAuthenticator"/> alone. What the caller may do is still to be asked: the policy narrows it, and gives
/// nothing.</remarks>
public sealed class AuthenticatedPost
{
    internal AuthenticatedPost(Caller caller, string region, string key, ImmutableDictionary<string, string> fields, Payload file) =>
        (Caller, Region, Key, Fields, File) = (caller, region, key, fields, file);

    /// <summary>Who signed the policy.</summary>
    public Caller Caller { get; }

    /// <summary>The region that it was signed for, <c>aws:RequestedRegion</c>.</summary>
    public string Region { get; }

    /// <summary>The object's key, with <c>${filename}</c> replaced; 1 to 1,024 bytes of UTF-8.</summary>
    public string Key { get; }

    /// <summary>The form's fields by their names, whose letter case does not count: every one of them under a condition of the policy, but for those that
    /// need none (<c>policy</c>, <c>x-amz-signature</c>, <c>x-ignore-…</c>).</summary>
    public ImmutableDictionary<string, string> Fields { get; }

    /// <summary>The file that is to follow. Its length is held against the policy's <c>content-length-range</c> and it against its checksum, where the
    /// form has one, while it is read.</summary>
    public Payload File { get; }
}
