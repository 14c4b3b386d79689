using System.Buffers.Text;
using System.Globalization;
using System.Text.Json.Nodes;

namespace TokenService.Conformance;

/// <summary>The flows of tokens for services elsewhere, and of what somebody else lends.</summary>
internal static partial class ClientFlows
{
    public static async Task Web_identity_token_says_who_the_caller_is_and_when_it_expires(IStsClient client, LiveService service)
    {
        var alice = service.AddUser("outbound", LiveService.AllowAll);
        var parameters = WebIdentity("RS256");
        parameters["DurationSeconds"] = 60;
        parameters["Tags"] = new JsonArray(Tag("ticket", "7 + ü"));
        var answer = await client.CallAsync("GetWebIdentityToken", alice, parameters);
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(answer.Text("WebIdentityToken").Split('.')[1]))!;
        ((string?)claims["iss"], (string?)claims["sub"]).Should().Be((service.IssuerOf(LiveService.Home), "arn:aws:iam::111122223333:user/outbound"));
        claims["aud"]!.AsArray().Select(audience => (string?)audience).Should().Equal("https://api.example", "second");
        ((string?)claims["https://sts.amazonaws.com/"]!["request_tags"]!["ticket"]).Should().Be("7 + ü");
        var expiration = Instant.FromDateTimeOffset(DateTimeOffset.Parse(answer.Text("Expiration"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));
        expiration.ToUnixTimeSeconds().Should().Be((long)claims["exp"]!);
        ((long)claims["exp"]! - (long)claims["iat"]!).Should().Be(60);
    }

    public static async Task Web_identity_token_takes_a_permission_and_an_account_that_issues_them(IStsClient client, LiveService service)
    {
        var nobody = service.AddUser("outbound-nobody");
        Expect(
            client, await client.CallAsync("GetWebIdentityToken", nobody, WebIdentity("ES384")), "AccessDenied", 403,
            NotAuthorized("arn:aws:iam::111122223333:user/outbound-nobody", "sts:GetWebIdentityToken", Arn.Parse("arn:aws:sts::111122223333:self")));
        var silent = new Account("777788889999") { IssuesWebIdentityTokens = false };
        service.Store.Put(silent);
        Expect(
            client, await client.CallAsync("GetWebIdentityToken", service.AddUser("silent", LiveService.AllowAll, silent), WebIdentity("ES384")),
            "OutboundWebIdentityFederationDisabledException", 403, null);
        var alice = service.AddUser("outbound-broken", LiveService.AllowAll);
        Expect(client, await client.CallAsync("GetWebIdentityToken", alice, WebIdentity("HS256")), "ValidationError", 400, null);
    }

    public static async Task Web_identity_token_does_not_outlive_the_session_and_has_a_largest_size(IStsClient client, LiveService service)
    {
        var alice = service.AddUser("outliving", LiveService.AllowAll);
        var role = service.AddRole("outliving", LiveService.Trust("arn:aws:iam::111122223333:user/outliving"), LiveService.AllowAll);
        var session = (await client.CallAsync("AssumeRole", alice, Assume(role, 900))).Keys;
        var parameters = WebIdentity("ES384");
        parameters["DurationSeconds"] = 901;
        Expect(client, await client.CallAsync("GetWebIdentityToken", session, parameters), "SessionDurationEscalationException", 403, null);
        (await client.CallAsync("GetWebIdentityToken", session, WebIdentity("ES384"))).Text("WebIdentityToken").Should().NotBeEmpty();
        var large = WebIdentity("ES384");
        large["Tags"] = new JsonArray([.. Enumerable.Range(0, 50).Select(number => Tag($"{number}-{new string('k', 120)}", new string('v', 250)))]);
        Expect(client, await client.CallAsync("GetWebIdentityToken", alice, large), "JWTPayloadSizeExceededException", 400, null);
    }

    public static async Task Trade_in_token_is_redeemed_by_the_account_that_it_is_for(IStsClient client, LiveService service)
    {
        service.AddUser("approver", LiveService.AllowAll);
        var partner = service.AddUser("trading", account: LiveService.Away);
        var token = await service.TradeInTokenAsync("approver", LiveService.Away.Id, LiveService.AllowAll);
        var parameters = new JsonObject { ["TradeInToken"] = token };
        Expect(client, await client.CallAsync("GetDelegatedAccessToken", service.AddUser("not-trading"), parameters), "AccessDenied", 403, null);
        var answer = await client.CallAsync("GetDelegatedAccessToken", partner, parameters);
        answer.Text("AssumedPrincipal").Should().Be("arn:aws:iam::111122223333:user/approver");
        (await client.CallAsync("GetCallerIdentity", answer.Keys, [])).Text("Arn").Should().Be("arn:aws:iam::111122223333:user/approver");
        var session = await service.SessionAsync(answer.Keys);
        (session.Kind, session.IssuingAccessKeyId).Should().Be((SessionKind.Delegated, partner.Id));
        (await client.CallAsync("GetDelegatedAccessToken", partner, parameters)).Keys.Id.Should().NotBe(answer.Keys.Id, "it is redeemed until it expires");
        Expect(client, await client.CallAsync("GetSessionToken", answer.Keys, []), "AccessDenied", 403, "Cannot call GetSessionToken with session credentials");
    }

    internal static JsonObject WebIdentity(string algorithm) => new()
    {
        ["Audience"] = new JsonArray("https://api.example", "second"),
        ["SigningAlgorithm"] = algorithm,
    };
}
