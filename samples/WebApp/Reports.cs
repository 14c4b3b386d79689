using TokenService;
using TokenService.AspNetCore;

namespace WebApp;

/// <summary>The protected API: reports, for callers who signed their request and may read the one that they ask for.</summary>
internal static class Reports
{
    /// <summary>The service that requests are signed for.</summary>
    internal const string Service = "execute-api";

    internal static string ArnOf(string id) => $"arn:aws:reports::111122223333:report/{id}";

    internal static async Task<IResult> AnswerAsync(string id, HttpContext http, IAuthorizer authorizer)
    {
        var caller = http.GetCaller()!;
        var decision = await authorizer.AuthorizeAsync(
            new AuthorizationRequest { Caller = caller, Action = "reports:Read", Resource = ArnOf(id) }, http.RequestAborted);
        return decision.IsAllowed
            ? Results.Json(new { title = $"Report {id}", reader = caller.Arn.ToString() })
            : Results.Json(new { message = "You may not read this report." }, statusCode: StatusCodes.Status403Forbidden);
    }
}
