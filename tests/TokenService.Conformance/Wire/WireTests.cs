using System.Net;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;

namespace TokenService.Conformance;

/// <summary>The protocol itself, by requests that SDKs would not send and by answers that they would not show.</summary>
public sealed class WireTests : IClassFixture<LiveService>
{
    private const string Identity = "Action=GetCallerIdentity&Version=2011-06-15";
    private const string Namespace = "https://sts.amazonaws.com/doc/2011-06-15/";

    private readonly LiveService _service;
    private readonly Keys _alice;
    private readonly Role _role;
    private readonly RequestSigner _signer;

    public WireTests(LiveService service)
    {
        _service = service;
        (_alice, _role) = ClientFlows.Pair(service, "wire");
        _signer = new RequestSigner(_alice, service.Url);
    }

    private string Assume => $"Action=AssumeRole&Version=2011-06-15&RoleArn={Uri.EscapeDataString(_role.Arn.ToString())}&RoleSessionName=session-1";

    [Fact]
    public async Task Answer_has_these_headers_and_no_others()
    {
        using var answer = await _service.Http.SendAsync(_signer.Form(Identity));
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        answer.Headers.Concat(answer.Content.Headers).Select(header => header.Key)
            .Should().BeEquivalentTo("Date", "Content-Type", "Content-Length", "x-amzn-RequestId", "Cache-Control");
        answer.Content.Headers.GetValues("Content-Type").Should().Equal("text/xml");
        answer.Headers.GetValues("Cache-Control").Should().Equal("no-store");
        answer.Content.Headers.ContentLength.Should().Be((await answer.Content.ReadAsByteArrayAsync()).Length);
    }

    [Fact]
    public async Task Success_is_laid_out_as_the_service_lays_it_out()
    {
        using var answer = await _service.Http.SendAsync(_signer.Form(Identity));
        var user = await _service.Store.FindUserAsync(LiveService.Home.Id, "wire", default);
        var id = answer.Headers.GetValues("x-amzn-RequestId").Single();
        Guid.TryParseExact(id, "D", out _).Should().BeTrue();
        (await answer.Content.ReadAsStringAsync()).Should().Be($"""
            <GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
              <GetCallerIdentityResult>
                <Arn>arn:aws:iam::111122223333:user/wire</Arn>
                <UserId>{user!.Id}</UserId>
                <Account>111122223333</Account>
              </GetCallerIdentityResult>
              <ResponseMetadata>
                <RequestId>{id}</RequestId>
              </ResponseMetadata>
            </GetCallerIdentityResponse>

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Refusal_is_laid_out_as_the_service_lays_it_out()
    {
        using var answer = await _service.Http.PostAsync(_service.Url, Form(Identity));
        answer.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        answer.Content.Headers.GetValues("Content-Type").Should().Equal("text/xml");
        (await answer.Content.ReadAsStringAsync()).Should().Be($"""
            <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
              <Error>
                <Type>Sender</Type>
                <Code>MissingAuthenticationToken</Code>
                <Message>Request is missing Authentication Token</Message>
              </Error>
              <RequestId>{answer.Headers.GetValues("x-amzn-RequestId").Single()}</RequestId>
            </ErrorResponse>

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Credentials_expire_at_a_whole_second_and_elements_without_a_value_are_left_out()
    {
        var result = (await XmlAsync(_signer.Form(Assume))).Descendants().ToDictionary(element => element.Name.LocalName, element => element, StringComparer.Ordinal);
        result["Expiration"].Value.Should().MatchRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$");
        result.Keys.Should().NotContain(["PackedPolicySize", "SourceIdentity"]);
        result["AssumeRoleResult"].Elements().Select(element => element.Name.LocalName)
            .Should().Equal("AssumedRoleUser", "Credentials", "SessionTokenSize", "SessionTokenUtilization");
        result["Credentials"].Elements().Select(element => element.Name.LocalName)
            .Should().Equal("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration");
        result.Values.Should().OnlyContain(element => element.Name.NamespaceName == Namespace);
    }

    [Theory]
    [InlineData("application/json", true)]
    [InlineData("application/json;q=0.9, text/xml;q=0.1", true)]
    [InlineData("text/xml, application/json;q=0.5", false)]
    [InlineData("*/*", false)]
    [InlineData("application/jsonp", false)]
    public async Task JSON_is_answered_to_whoever_asks_for_it_and_to_nobody_else(string accept, bool json)
    {
        using var request = _signer.Form(Assume);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await _service.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        answer.Content.Headers.GetValues("Content-Type").Should().Equal(json ? "application/json" : "text/xml");
        text.StartsWith(json ? "{" : "<AssumeRoleResponse", StringComparison.Ordinal).Should().BeTrue();
        if (json)
        {
            var response = JsonDocument.Parse(text).RootElement.GetProperty("AssumeRoleResponse");
            response.GetProperty("AssumeRoleResult").GetProperty("Credentials").GetProperty("Expiration").ValueKind.Should().Be(JsonValueKind.Number);
            response.GetProperty("ResponseMetadata").GetProperty("RequestId").GetString().Should().Be(answer.Headers.GetValues("x-amzn-RequestId").Single());
        }
    }

    [Fact]
    public async Task Refusal_in_JSON_has_code_message_type_and_request_id()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _service.Url) { Content = Form(Identity) };
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        using var answer = await _service.Http.SendAsync(request);
        var root = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        var error = root.GetProperty("Error");
        (error.GetProperty("Code").GetString(), error.GetProperty("Type").GetString()).Should().Be(("MissingAuthenticationToken", "Sender"));
        root.GetProperty("RequestId").GetString().Should().Be(answer.Headers.GetValues("x-amzn-RequestId").Single());
    }

    [Fact]
    public async Task Plus_is_a_space_in_a_form_and_a_plus_where_it_is_escaped()
    {
        var policy = Uri.EscapeDataString("""{ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } }""").Replace("%20", "+", StringComparison.Ordinal);
        var granted = await XmlAsync(_signer.Form(Assume.Replace("session-1", "a%2Bb", StringComparison.Ordinal) + "&Policy=" + policy));
        granted.Descendants(XName.Get("Arn", Namespace)).Single().Value.Should().EndWith("/wire/a+b");
        await ExpectAsync(_signer.Form(Assume.Replace("session-1", "a+b", StringComparison.Ordinal)), 400, "ValidationError", "'a b'");
    }

    [Fact]
    public async Task Operation_is_asked_for_by_GET_too()
    {
        using var answer = await _service.Http.SendAsync(_signer.Get(Identity));
        (await answer.Content.ReadAsStringAsync()).Should().Contain("<Arn>arn:aws:iam::111122223333:user/wire</Arn>");
    }

    [Fact]
    public async Task Form_and_query_are_both_inputs_and_the_form_comes_first()
    {
        var role = Uri.EscapeDataString(_role.Arn.ToString());
        var granted = await XmlAsync(_signer.Form("RoleSessionName=from-the-form", $"Action=AssumeRole&RoleArn={role}&RoleSessionName=from-the-query&Version=2011-06-15"));
        granted.Descendants(XName.Get("Arn", Namespace)).Single().Value.Should().EndWith("/from-the-form");
    }

    [Fact]
    public async Task First_of_two_parameters_of_the_same_name_counts()
    {
        var granted = await XmlAsync(_signer.Form(Assume + "&RoleSessionName=second&DurationSeconds=900&DurationSeconds=abc"));
        granted.Descendants(XName.Get("Arn", Namespace)).Single().Value.Should().EndWith("/session-1");
    }

    [Theory]
    [InlineData("+900", 200, null)]
    [InlineData("0900", 200, null)]
    [InlineData("abc", 400, "MalformedInput")]
    [InlineData("900.0", 400, "MalformedInput")]
    [InlineData("9999999999", 400, "MalformedInput")]
    [InlineData("", 400, "MalformedInput")]
    [InlineData("-1", 400, "ValidationError")]
    public async Task Number_is_a_signed_one_of_32_bits(string text, int status, string? code) =>
        await ExpectAsync(_signer.Form(Assume + "&DurationSeconds=" + Uri.EscapeDataString(text)), status, code, null);

    [Fact]
    public async Task Body_that_is_larger_than_the_limit_is_answered_413_without_a_body()
    {
        using var fits = await _service.Http.PostAsync(_service.Url, Form(Identity + "&x=" + new string('x', 10_000_000 - Identity.Length - 3)));
        fits.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        using var tooLarge = await _service.Http.PostAsync(_service.Url, Form(Identity + "&x=" + new string('x', 10_000_000 - Identity.Length - 2)));
        tooLarge.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        (await tooLarge.Content.ReadAsByteArrayAsync()).Should().BeEmpty();
    }

    [Theory]
    [InlineData("Action=%G0")]
    [InlineData("Action=%4")]
    [InlineData("Action=%")]
    [InlineData("%zz=1&Action=GetCallerIdentity")]
    [InlineData("Action=GetCallerIdentity&x=%FF")]
    public async Task Broken_escape_is_answered_400_without_a_body(string form)
    {
        using var answer = await _service.Http.PostAsync(_service.Url, Form(form));
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsByteArrayAsync()).Should().BeEmpty();
        RawConnection.Status(await RawConnection.SendAsync(_service.Url, $"GET /?{form} HTTP/1.1\r\nHost: {_signer.Host}\r\nConnection: close\r\n\r\n")).Should().Be(400);
    }

    [Theory]
    [InlineData("Action=OpenSesame&Version=2011-06-15", "Could not find operation OpenSesame for version 2011-06-15")]
    [InlineData("Action=GetCallerIdentity", "Could not find operation GetCallerIdentity for version NO_VERSION_SPECIFIED")]
    [InlineData("Action=GetCallerIdentity&Version=2010-05-08", "Could not find operation GetCallerIdentity for version 2010-05-08")]
    [InlineData("Action=getcalleridentity&Version=2011-06-15", "Could not find operation getcalleridentity for version 2011-06-15")]
    public async Task Unknown_operation_is_refused_before_anybody_is_authenticated(string form, string message)
    {
        using var answer = await _service.Http.PostAsync(_service.Url, Form(form));
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var xml = XDocument.Parse(await answer.Content.ReadAsStringAsync());
        xml.Root!.Name.NamespaceName.Should().Be("http://webservices.amazon.com/AWSFault/2005-15-09");
        xml.Descendants().Single(element => element.Name.LocalName == "Message").Value.Should().Be(message);
        xml.Descendants().Single(element => element.Name.LocalName == "Code").Value.Should().Be("InvalidAction");
    }

    [Fact]
    public async Task Request_without_an_operation_is_told_so_and_a_POST_that_is_no_form_names_none()
    {
        await ExpectAsync(_signer.Form("Version=2011-06-15"), 400, "MissingAction", null);
        await ExpectAsync(_signer.Get(""), 400, "MissingAction", null);
        await ExpectAsync(_signer.Form(Identity, contentType: "text/plain"), 400, "MissingAction", null);
        await ExpectAsync(_signer.Form(Identity, contentType: "application/json"), 400, "MissingAction", null);
    }

    [Fact]
    public async Task Parameter_of_another_operation_is_refused_and_one_of_none_is_ignored()
    {
        await ExpectAsync(_signer.Form(Identity + "&RoleArn=x"), 400, "InvalidParameterCombination", "RoleArn");
        await ExpectAsync(_signer.Form(Assume + "&WebIdentityToken=x"), 400, "InvalidParameterCombination", "WebIdentityToken");
        await ExpectAsync(_signer.Form(Identity + "&Unknown=x"), 200, null, null);
    }

    [Theory]
    [InlineData("&Tags.member.1.Key=k&Tags.member.01.Value=v")]
    [InlineData("&Tags.1.Key=k&Tags.1.Value=v")]
    [InlineData("&PolicyArns.member.1=arn:aws:iam::aws:policy/x")]
    [InlineData("&PolicyArns.member.1.Arn=arn:aws:iam::aws:policy/x")]
    [InlineData("&Policy.member.1=x")]
    public async Task Parameter_that_would_be_overlooked_is_refused(string more) =>
        await ExpectAsync(_signer.Form(Assume + more), 400, "InvalidQueryParameter", null);

    [Fact]
    public async Task Target_in_absolute_form_is_the_same_request()
    {
        var signed = _signer.Sign("GET", "/", Identity, []);
        foreach (var target in new[] { $"/?{Identity}", $"{_service.Url}?{Identity}" })
        {
            var headers = string.Concat(signed.Select(header => $"{header.Key}: {header.Value}\r\n"));
            var answer = await RawConnection.SendAsync(_service.Url, $"GET {target} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n");
            RawConnection.Status(answer).Should().Be(200);
            answer.Should().Contain("<Arn>arn:aws:iam::111122223333:user/wire</Arn>");
        }
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    [InlineData("HEAD")]
    [InlineData("OPTIONS")]
    [InlineData("PROPFIND")]
    public async Task Other_methods_are_not_allowed(string method)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_service.Url, "/?" + Identity));
        using var answer = await _service.Http.SendAsync(request);
        answer.StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public async Task Other_paths_are_not_the_service()
    {
        using var answer = await _service.Http.PostAsync(new Uri(_service.Url, "/sts"), Form(Identity));
        answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("https://console.example", 204)]
    [InlineData("https://other.example", 403)]
    [InlineData("http://console.example", 403)]
    [InlineData("https://console.example.evil.example", 403)]
    [InlineData("null", 403)]
    public async Task Preflight_is_answered_to_the_origins_of_the_host_alone(string origin, int status)
    {
        var service = new LiveService(options => options.CorsOrigins.Add("https://console.example"));
        await service.InitializeAsync();
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Options, service.Url);
            request.Headers.Add("Origin", origin);
            request.Headers.Add("Access-Control-Request-Method", "POST");
            request.Headers.Add("Access-Control-Request-Headers", "authorization,x-amz-date,x-other");
            using var preflight = await service.Http.SendAsync(request);
            ((int)preflight.StatusCode).Should().Be(status);
            preflight.Headers.TryGetValues("Access-Control-Allow-Origin", out var allowed).Should().Be(status == 204);
            (allowed ?? []).Should().BeEquivalentTo(status == 204 ? [origin] : Array.Empty<string>());
            if (status == 204)
            {
                preflight.Headers.GetValues("Access-Control-Allow-Headers").Should().Equal("authorization, x-amz-date");
            }

            using var post = new HttpRequestMessage(HttpMethod.Post, service.Url) { Content = Form(Identity) };
            post.Headers.Add("Origin", origin);
            using var answer = await service.Http.SendAsync(post);
            answer.Headers.Contains("Access-Control-Allow-Origin").Should().Be(status == 204);
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    [Fact]
    public async Task Broken_signature_parts_are_told_and_never_a_token()
    {
        var session = (await new DotNetClient(_service.Url).CallAsync("AssumeRole", _alice, ClientFlows.Assume(_role))).Keys;
        using var request = (_signer with { Keys = session }).Form(Identity);
        request.Headers.Remove("authorization");
        request.Headers.TryAddWithoutValidation("Authorization", "AWS4-HMAC-SHA256 Credential=x");
        using var answer = await _service.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        text.Should().Contain("IncompleteSignature").And.NotContain(session.Token).And.NotContain(session.Secret);
    }

    [Fact]
    public async Task Long_term_key_with_a_session_token_is_judged_after_its_signature()
    {
        var session = (await new DotNetClient(_service.Url).CallAsync("AssumeRole", _alice, ClientFlows.Assume(_role))).Keys;
        var mixed = _alice with { Token = session.Token };
        await ExpectAsync((_signer with { Keys = mixed }).Form(Identity), 403, "InvalidClientTokenId", null);
        await ExpectAsync((_signer with { Keys = mixed with { Secret = session.Secret } }).Form(Identity), 403, "SignatureDoesNotMatch", null);
    }

    [Fact]
    public async Task Other_signature_algorithms_are_incomplete_signatures()
    {
        using var request = _signer.Form(Identity);
        var authorization = request.Headers.GetValues("authorization").Single();
        request.Headers.Remove("authorization");
        request.Headers.TryAddWithoutValidation("Authorization", authorization.Replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256", StringComparison.Ordinal));
        await ExpectAsync(request, 400, "IncompleteSignature", null);
    }

    [Fact]
    public async Task Broken_request_of_a_root_is_told_before_who_asks_counts()
    {
        await ExpectAsync((_signer with { Keys = _service.Root }).Form(Assume + "&DurationSeconds=1"), 400, "ValidationError", null);
        await ExpectAsync((_signer with { Keys = _service.Root }).Form(Assume), 403, "AccessDenied", "Roles may not be assumed by root accounts.");
    }

    [Theory, InlineData("openid-configuration"), InlineData("jwks.json")]
    public async Task Discovery_is_open_to_every_origin_and_may_be_kept_for_a_while(string document)
    {
        var address = new Uri(_service.Url, $"/111122223333/.well-known/{document}");
        using var answer = await _service.Http.GetAsync(address);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        answer.Headers.Concat(answer.Content.Headers).Select(header => header.Key)
            .Should().BeEquivalentTo("Date", "Content-Type", "Content-Length", "Cache-Control", "Access-Control-Allow-Origin");
        answer.Content.Headers.GetValues("Content-Type").Should().Equal("application/json");
        answer.Headers.CacheControl!.ToString().Should().Be("public, max-age=300");
        answer.Headers.GetValues("Access-Control-Allow-Origin").Should().Equal("*");
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        (document == "jwks.json" ? json.RootElement.GetProperty("keys").GetArrayLength() > 0
            : json.RootElement.GetProperty("issuer").GetString() == _service.IssuerOf(LiveService.Home)).Should().BeTrue();
        using var head = await _service.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, address));
        (head.StatusCode, head.Content.Headers.ContentLength, (await head.Content.ReadAsByteArrayAsync()).Length)
            .Should().Be((HttpStatusCode.OK, answer.Content.Headers.ContentLength, 0));
        using var post = await _service.Http.PostAsync(address, null);
        post.StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
    }

    [Theory]
    [InlineData("/999999999999/.well-known/openid-configuration")]
    [InlineData("/11112222333x/.well-known/jwks.json")]
    [InlineData("/11112222333/.well-known/jwks.json")]
    [InlineData("/.well-known/openid-configuration")]
    [InlineData("/111122223333/.well-known/other")]
    public async Task Discovery_of_an_account_that_is_not_there_is_not_found(string path)
    {
        using var answer = await _service.Http.GetAsync(new Uri(_service.Url, path));
        answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await answer.Content.ReadAsByteArrayAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Sensitive_tokens_of_requests_are_not_repeated()
    {
        using var answer = await _service.Http.SendAsync(_signer.Form("Action=GetDelegatedAccessToken&Version=2011-06-15&TradeInToken=not-a-token"));
        var text = await answer.Content.ReadAsStringAsync();
        text.Should().Contain("<Code>AccessDenied</Code>").And.NotContain("not-a-token");
    }

    /// <summary>A name that no version of the service has.</summary>
    [Fact]
    public async Task Operation_that_is_not_offered_is_an_invalid_action()
    {
        using var answer = await _service.Http.SendAsync(_signer.Form("Action=AssumeRoleWithPassword&Version=2011-06-15"));
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("<Code>InvalidAction</Code>");
    }

    /// <summary>The model's operations: those that the issuer has are offered, and no others.</summary>
    [Theory]
    [InlineData("AssumeRole")]
    [InlineData("AssumeRoleWithSAML")]
    [InlineData("AssumeRoleWithWebIdentity")]
    [InlineData("AssumeRoot")]
    [InlineData("DecodeAuthorizationMessage")]
    [InlineData("GetAccessKeyInfo")]
    [InlineData("GetCallerIdentity")]
    [InlineData("GetDelegatedAccessToken")]
    [InlineData("GetFederationToken")]
    [InlineData("GetSessionToken")]
    [InlineData("GetWebIdentityToken")]
    public async Task Operation_of_the_model_is_offered_if_the_issuer_has_it(string operation)
    {
        using var answer = await _service.Http.PostAsync(_service.Url, Form($"Action={operation}&Version=2011-06-15"));
        (await answer.Content.ReadAsStringAsync()).Contains("<Code>InvalidAction</Code>", StringComparison.Ordinal)
            .Should().Be(!Offered().Contains(operation, StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Every_operation_of_the_issuer_is_on_the_wire()
    {
        Offered().Should().NotBeEmpty();
        foreach (var operation in Offered())
        {
            // The model spells SAML in capitals.
            var action = operation.Replace("Saml", "SAML", StringComparison.Ordinal);
            using var answer = await _service.Http.PostAsync(_service.Url, Form($"Action={action}&Version=2011-06-15"));
            (await answer.Content.ReadAsStringAsync()).Should().NotContain("InvalidAction");
        }
    }

    private static IEnumerable<string> Offered() =>
        typeof(ITokenIssuer).GetMethods().Select(method => method.Name[..^"Async".Length]);

    private static ByteArrayContent Form(string form)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(form));
        content.Headers.TryAddWithoutValidation("Content-Type", "application/x-www-form-urlencoded");
        return content;
    }

    private async Task<XDocument> XmlAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var answer = await _service.Http.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            answer.StatusCode.Should().Be(HttpStatusCode.OK, "it answered {0}", text);
            return XDocument.Parse(text);
        }
    }

    private async Task ExpectAsync(HttpRequestMessage request, int status, string? code, string? message)
    {
        using (request)
        {
            using var answer = await _service.Http.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            ((int)answer.StatusCode).Should().Be(status, "it answered {0}", text);
            if (code is not null)
            {
                text.Should().Contain($"<Code>{code}</Code>");
            }

            if (message is not null)
            {
                WebUtility.HtmlDecode(text).Should().Contain(message);
            }
        }
    }
}
