using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using NodaTime.Text;
using TokenService;

namespace StsServer.SignIn;

/// <summary>A page of HTML and the status that it is answered with.</summary>
internal sealed record Page(int Status, string Html);

/// <summary>What a person sees who signs in. Everything that comes of an assertion is text here and never markup.</summary>
internal static class SignInPage
{
    // What it leaves as it is, the page encodes.
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The roles that are offered, by account.</summary>
    internal static Page Roles(SamlOffer offer)
    {
        var accounts = new StringBuilder();
        foreach (var account in offer.Roles.GroupBy(role => Arn.Parse(role.RoleArn).Account, StringComparer.Ordinal).OrderBy(each => each.Key, StringComparer.Ordinal))
        {
            accounts.Append(CultureInfo.InvariantCulture, $"<fieldset><legend>Account {Text(account.Key)}</legend>");
            foreach (var role in account)
            {
                // Where the same role is offered by two providers, which one is meant is said.
                var by = account.Count(each => each.RoleArn == role.RoleArn) > 1 ? $" by {Arn.Parse(role.ProviderArn).Resource}" : "";
                accounts.Append(
                    CultureInfo.InvariantCulture,
                    $"<label><input type=\"radio\" name=\"role\" required value=\"{Text(role.RoleArn)} {Text(role.ProviderArn)}\"> {Text(Arn.Parse(role.RoleArn).Resource["role/".Length..] + by)}</label>");
            }

            accounts.Append("</fieldset>");
        }

        return Whole(StatusCodes.Status200OK, "Pick a role", $"""
            <p>You are signed in as <strong>{Text(offer.Subject)}</strong>. Pick a role within five minutes.</p>
            <form method="post" action="{SignInEndpoint.PickPath}">
            <input type="hidden" name="offer" value="{Text(offer.Text.Reveal())}">
            {accounts}
            <button type="submit">Get credentials</button>
            </form>
            """);
    }

    /// <summary>The credentials, in the three forms in which they are used.</summary>
    internal static Page Credentials(AssumeRoleWithSamlResponse session)
    {
        var keys = session.Credentials;
        var (id, secret, token) = (keys.AccessKeyId, keys.SecretAccessKey.Reveal(), keys.SessionToken);
        var end = InstantPattern.General.Format(keys.Expiration);
        var exports = $"export AWS_ACCESS_KEY_ID='{id}'\nexport AWS_SECRET_ACCESS_KEY='{secret}'\nexport AWS_SESSION_TOKEN='{token}'\n";
        var profile = $"[{session.AssumedRoleUser.Arn.Account}]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\naws_session_token = {token}\n";
        var process = JsonSerializer.Serialize(
            new { Version = 1, AccessKeyId = id, SecretAccessKey = secret, SessionToken = token, Expiration = end }, Indented);
        return Whole(StatusCodes.Status200OK, "Your credentials", $"""
            <p>You are <strong>{Text(session.AssumedRoleUser.Arn.ToString())}</strong> until <time datetime="{end}">{end}</time>.</p>
            {Form("shell", "Shell", exports)}
            {Form("profile", "Profile, for the credentials file", profile)}
            {Form("process", "JSON, as credential_process answers it", process)}
            <p role="status" id="copied"></p>
            <script src="{SignInEndpoint.ScriptPath}"></script>
            """);
    }

    /// <summary>A refusal: its code, and no more than a client of the service would learn.</summary>
    internal static Page Refusal(StsError error) => Whole(error.HttpStatus, "Sign-in was refused", $"""
        <p role="alert">{Text(error.Message ?? "")} (<code>{Text(error.Code)}</code>)</p>
        <p>Go back to your identity provider and sign in again.</p>
        """);

    private static string Form(string id, string title, string content) => $"""
        <section aria-labelledby="{id}-title"><h2 id="{id}-title">{title}</h2>
        <pre id="{id}" tabindex="0">{Text(content)}</pre>
        <button type="button" data-copy="{id}" aria-describedby="{id}-title">Copy</button></section>
        """;

    private static string Text(string text) => HtmlEncoder.Default.Encode(text);

    private static Page Whole(int status, string title, string content) => new(status, $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{title}</title>
        <link rel="stylesheet" href="{SignInEndpoint.StylePath}">
        </head>
        <body>
        <main>
        <h1>{title}</h1>
        {content}
        </main>
        </body>
        </html>
        """);
}
