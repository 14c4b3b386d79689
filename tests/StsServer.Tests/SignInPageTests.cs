using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime.Testing;
using StsServer.SignIn;
using TokenService;
using TokenService.Testing;

namespace StsServer.Tests;

/// <summary>The sign-in page as HTTP, in a host with a clock that a test moves.</summary>
public sealed partial class SignInPageTests : IAsyncLifetime, IDisposable
{
    private const string Recipient = "https://sts.example/saml";

    private readonly FakeClock _clock = new(Instant.FromUtc(2026, 6, 1, 12, 0));
    private readonly InMemoryIdentityStore _store = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false });
    private FakeSamlProvider _company = null!;
    private SamlProvider _registered = null!;
    private Role _reader = null!;
    private WebApplication _app = null!;

    public async Task InitializeAsync()
    {
        var account = new Account("111122223333");
        _company = new FakeSamlProvider(_clock) { Recipient = Recipient };
        _registered = _company.Describe(account);
        _reader = Role.Create(account, "Reader", TestPolicy.Trust(_registered, "alice", "<b>&\"'"));
        _store.Put(account);
        _store.Put(_registered);
        _store.Put(_reader);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<IClock>(_clock);
        builder.Services.AddSingleton(_store);
        builder.Services.AddTemporaryCredentials().AddSaml(options => options.Recipients.Add(Recipient));
        _app = builder.Build();
        _app.MapSignIn(() => [_registered]);
        await _app.StartAsync();
        _http.BaseAddress = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    public void Dispose()
    {
        _http.Dispose();
        _company?.Dispose();
    }

    [Fact]
    public async Task Role_is_picked_once_and_its_credentials_come_in_three_forms()
    {
        var offer = await OfferAsync();
        var (status, page) = await PickAsync(offer);
        status.Should().Be(HttpStatusCode.OK);
        page.Should().Contain("export AWS_ACCESS_KEY_ID=").And.Contain("aws_session_token = ").And.Contain("&quot;Version&quot;: 1");
        Expect(await PickAsync(offer), HttpStatusCode.BadRequest, "InvalidIdentityToken");
    }

    [Fact]
    public async Task Form_is_good_for_five_minutes()
    {
        var (early, late) = (await OfferAsync(), await OfferAsync());
        _clock.Advance(Duration.FromMinutes(5) - Duration.FromSeconds(1));
        (await PickAsync(early)).Status.Should().Be(HttpStatusCode.OK);
        _clock.Advance(Duration.FromSeconds(1));
        Expect(await PickAsync(late), HttpStatusCode.BadRequest, "ExpiredTokenException");
    }

    [Fact]
    public async Task Form_that_was_changed_is_refused()
    {
        var offer = await OfferAsync();
        var middle = offer.Length / 2;
        var changed = string.Concat(offer.AsSpan(0, middle), offer[middle] == 'A' ? "B" : "A", offer.AsSpan(middle + 1));
        Expect(await PickAsync(changed), HttpStatusCode.BadRequest, "InvalidIdentityToken");
        Expect(await PickAsync(""), HttpStatusCode.BadRequest, "InvalidIdentityToken");
        Expect(await PickAsync(offer, "arn:aws:iam::111122223333:role/Admin " + _registered.Arn), HttpStatusCode.Forbidden, "AccessDenied");
        Expect(await PickAsync(offer, ""), HttpStatusCode.Forbidden, "AccessDenied");
        (await PickAsync(offer)).Status.Should().Be(HttpStatusCode.OK, "nothing of that used it up");
    }

    [Fact]
    public async Task Refusal_tells_the_code_and_not_the_rule()
    {
        foreach (var (flaw, code, status) in new[]
        {
            (BadSamlResponse.UnknownKey, "InvalidIdentityToken", HttpStatusCode.BadRequest), (BadSamlResponse.OtherRecipient, "InvalidIdentityToken", HttpStatusCode.BadRequest),
            (BadSamlResponse.Expired, "ExpiredTokenException", HttpStatusCode.BadRequest), (BadSamlResponse.RejectedByProvider, "IDPRejectedClaim", HttpStatusCode.Forbidden),
            (BadSamlResponse.NoRole, "AccessDenied", HttpStatusCode.Forbidden),
        })
        {
            var answer = await PostAsync(SignInEndpoint.Path, ("SAMLResponse", _company.IssueBadResponse(flaw, "alice", _registered, _reader)));
            Expect(answer, status, code);
            answer.Page.Should().NotContain("recipient, time, and the request").And.NotContain("key of the provider");
        }

        var response = _company.IssueResponse("alice", _registered, _reader);
        (await PostAsync(SignInEndpoint.Path, ("SAMLResponse", response))).Status.Should().Be(HttpStatusCode.OK);
        Expect(await PostAsync(SignInEndpoint.Path, ("SAMLResponse", response)), HttpStatusCode.BadRequest, "InvalidIdentityToken");
    }

    [Fact]
    public async Task What_the_assertion_says_is_text_and_never_markup()
    {
        var response = _company.CreateResponse("alice", _registered, _reader) with { Subject = "<saml:NameID>&lt;script&gt;alert(1)&lt;/script&gt;\"'</saml:NameID>" };
        var (status, page) = await PostAsync(SignInEndpoint.Path, ("SAMLResponse", _company.Sign(response)));
        status.Should().Be(HttpStatusCode.OK);
        page.Should().Contain("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;").And.NotContain("<script>alert");
    }

    [Theory, InlineData(SignInEndpoint.Path), InlineData(SignInEndpoint.PickPath), InlineData(SignInEndpoint.ScriptPath), InlineData(SignInEndpoint.StylePath)]
    public async Task Every_answer_bounds_what_a_browser_may_do_with_it(string path)
    {
        using var empty = new FormUrlEncodedContent([]);
        var isPage = path is SignInEndpoint.Path or SignInEndpoint.PickPath;
        using var answer = isPage ? await _http.PostAsync(new Uri(path, UriKind.Relative), empty) : await _http.GetAsync(new Uri(path, UriKind.Relative));
        string Header(string name) => string.Join(", ", answer.Headers.TryGetValues(name, out var values) ? values : []);
        Header("Content-Security-Policy").Should().Be("default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
        (Header("Referrer-Policy"), Header("Cache-Control"), Header("X-Content-Type-Options"), Header("Cross-Origin-Opener-Policy"))
            .Should().Be(("no-referrer", "no-store", "nosniff", "same-origin"));
        Header("Set-Cookie").Should().BeEmpty();
        answer.IsSuccessStatusCode.Should().Be(!isPage);
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded", 400_000)]
    [InlineData("application/json", 10)]
    [InlineData("multipart/form-data; boundary=x", 10)]
    [InlineData(null, 10)]
    public async Task Body_that_is_too_large_or_no_form_is_refused(string? type, int length)
    {
        using var content = new ByteArrayContent(System.Text.Encoding.ASCII.GetBytes("SAMLResponse=" + new string('A', length)));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var answer = await _http.PostAsync(new Uri(SignInEndpoint.Path, UriKind.Relative), content);
        Expect((answer.StatusCode, await answer.Content.ReadAsStringAsync()), HttpStatusCode.BadRequest, "MalformedInput");
    }

    [Fact]
    public async Task Page_has_neither_inline_script_nor_style_and_its_fields_have_labels()
    {
        var (_, roles) = await PostAsync(SignInEndpoint.Path, ("SAMLResponse", _company.IssueResponse("alice", _registered, _reader)));
        var (_, credentials) = await PickAsync(Offer().Match(roles).Groups["offer"].Value);
        foreach (var page in new[] { roles, credentials })
        {
            page.Should().NotContain(" style=").And.NotContain("<style").And.NotContain(" onclick").And.StartWith("<!DOCTYPE html>").And.Contain("<html lang=\"en\">").And.Contain("<h1>");
            InlineScript().IsMatch(page).Should().BeFalse();
        }

        roles.Should().Contain("<fieldset><legend>Account 111122223333</legend><label><input type=\"radio\"");
    }

    private static void Expect((HttpStatusCode Status, string Page) answer, HttpStatusCode status, string code)
    {
        answer.Status.Should().Be(status, answer.Page);
        answer.Page.Should().Contain($"(<code>{code}</code>)").And.NotContain("AWS_SECRET");
    }

    private async Task<string> OfferAsync()
    {
        var (_, page) = await PostAsync(SignInEndpoint.Path, ("SAMLResponse", _company.IssueResponse("alice", _registered, _reader)));
        return Offer().Match(page).Groups["offer"].Value;
    }

    private Task<(HttpStatusCode Status, string Page)> PickAsync(string offer, string? role = null) =>
        PostAsync(SignInEndpoint.PickPath, ("offer", offer), ("role", role ?? $"{_reader.Arn} {_registered.Arn}"));

    private async Task<(HttpStatusCode Status, string Page)> PostAsync(string path, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        using var answer = await _http.PostAsync(new Uri(path, UriKind.Relative), form);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    [GeneratedRegex("name=\"offer\" value=\"(?<offer>[A-Za-z0-9_-]+)\"", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Offer();

    [GeneratedRegex("<script(?! src=\"/saml/copy.js\"></script>)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex InlineScript();
}
