using System.Security.Claims;
using TokenService;
using TokenService.AspNetCore;

namespace StsServer;

/// <summary>A resource that only signed requests reach: it shows who called it.</summary>
internal static class WhoAmI
{
    /// <summary>The service that clients sign for: the one that signing tools take where nothing else is said.</summary>
    internal const string Service = "execute-api";

    internal static readonly SignatureRules Rules = new() { Service = Service };

    internal static IResult Answer(HttpContext context)
    {
        var caller = context.GetCaller()!;
        return Results.Json(new
        {
            arn = caller.Arn.ToString(),
            account = caller.Account.Id,
            userId = caller.UserId,
            accessKeyId = caller.AccessKeyId,
            principalType = context.User.FindFirstValue(SigV4ClaimTypes.PrincipalType),
            sessionName = caller.Session?.Name,
            sourceIdentity = caller.Session?.SourceIdentity,
            expires = caller.Session?.ExpiresAt.ToString("uuuu-MM-dd'T'HH:mm:ss'Z'", null),
            tags = caller.Session?.Tags.ToDictionary(tag => tag.Key, tag => tag.Value, StringComparer.OrdinalIgnoreCase),
        });
    }
}
