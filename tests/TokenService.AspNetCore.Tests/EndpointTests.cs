using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace TokenService.AspNetCore.Tests;

public sealed class EndpointTests
{
    private const string Identity = "Action=GetCallerIdentity&Version=2011-06-15";
    private const string Assume = "Action=AssumeRole&Version=2011-06-15&RoleArn=r&RoleSessionName=s";

    [Fact]
    public async Task Post_form_and_get_query_are_answered_alike()
    {
        await using var host = await StubHost.StartAsync();
        foreach (var response in new[] { await host.PostAsync(Identity), await host.Client.GetAsync($"/?{Identity}") })
        {
            response.StatusCode.Should().Be(HttpStatusCode.OK);
            response.Content.Headers.GetValues("Content-Type").Should().Equal("text/xml");
            var id = response.Headers.GetValues("x-amzn-RequestId").Single();
            id.Should().MatchRegex("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$");
            (await response.Content.ReadAsStringAsync()).Should().Contain($"<RequestId>{id}</RequestId>").And.Contain("user/alice");
        }
    }

    [Fact]
    public async Task Body_comes_before_the_query_and_the_first_of_two_counts()
    {
        await using var host = await StubHost.StartAsync();
        await host.PostAsync($"{Assume}&ExternalId=body", "/?ExternalId=query&SourceIdentity=query");
        host.Issuer.Request!.ExternalId.Should().Be("body");
        host.Issuer.Request.SourceIdentity.Should().Be("query");
    }

    [Fact]
    public async Task Every_parameter_of_AssumeRole_arrives()
    {
        await using var host = await StubHost.StartAsync();
        var response = await host.PostAsync(
            Assume + "&DurationSeconds=900&Policy=%7B%22a%22%3A+1%7D&PolicyArns.member.1.arn=p&Tags.member.1.Key=k&Tags.member.1.Value=v"
            + "&TransitiveTagKeys.member.1=k&ExternalId=x&SerialNumber=n&TokenCode=123456&SourceIdentity=i"
            + "&ProvidedContexts.member.1.ProviderArn=a&ProvidedContexts.member.1.ContextAssertion=c&MinimumSessionTokenSize=7");
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        host.Issuer.Request.Should().BeEquivalentTo(new AssumeRoleRequest
        {
            RoleArn = "r",
            RoleSessionName = "s",
            DurationSeconds = 900,
            Policy = """{"a": 1}""",
            PolicyArns = ["p"],
            Tags = [new Tag("k", "v")],
            TransitiveTagKeys = ["k"],
            ExternalId = "x",
            SerialNumber = "n",
            TokenCode = "123456",
            SourceIdentity = "i",
            ProvidedContexts = [new ProvidedContext("a", "c")],
            MinimumSessionTokenSize = 7,
        });
    }

    [Fact]
    public async Task Every_parameter_of_GetSessionToken_reaches_the_issuer()
    {
        await using var host = await StubHost.StartAsync();
        await host.PostAsync("Action=GetSessionToken&Version=2011-06-15&DurationSeconds=900&SerialNumber=n&TokenCode=123456");
        host.Issuer.SessionRequest.Should().BeEquivalentTo(new GetSessionTokenRequest { DurationSeconds = 900, SerialNumber = "n", TokenCode = "123456" });
    }

    [Fact]
    public async Task Every_parameter_of_AssumeRoot_reaches_the_issuer_and_its_answer_the_client()
    {
        await using var host = await StubHost.StartAsync();
        var response = await host.PostAsync(
            "Action=AssumeRoot&Version=2011-06-15&TargetPrincipal=a&TaskPolicyArn.arn=t&DurationSeconds=0&MinimumSessionTokenSize=7");
        host.Issuer.RootRequest.Should().Be(
            new AssumeRootRequest { TargetPrincipal = "a", TaskPolicyArn = "t", DurationSeconds = 0, MinimumSessionTokenSize = 7 });
        (await response.Content.ReadAsStringAsync()).Should().Contain("<AssumeRootResult>").And.Contain("<SourceIdentity>alice</SourceIdentity>");
    }

    [Fact]
    public async Task Every_parameter_of_GetFederationToken_reaches_the_issuer()
    {
        await using var host = await StubHost.StartAsync();
        await host.PostAsync("Action=GetFederationToken&Version=2011-06-15&Name=carol&DurationSeconds=900&Policy=%7B%7D&PolicyArns.member.1.arn=p"
            + "&Tags.member.1.Key=k&Tags.member.1.Value=v&MinimumSessionTokenSize=7");
        host.Issuer.FederationRequest.Should().BeEquivalentTo(new GetFederationTokenRequest
        {
            Name = "carol",
            DurationSeconds = 900,
            Policy = "{}",
            PolicyArns = ["p"],
            Tags = [new Tag("k", "v")],
            MinimumSessionTokenSize = 7,
        });
        host.Issuer.Environment!.RequestedRegion.Should().Be("us-east-1");
    }

    [Fact]
    public async Task Request_is_checked_as_it_came_on_the_wire()
    {
        await using var host = await StubHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, host.Exact("/?x=%7e%2F&x=+"))
        {
            Content = new StringContent(Identity + "&y=%7e", Encoding.UTF8, "application/x-www-form-urlencoded"),
        };
        request.Headers.Add("X-Twice", ["b", "a"]);
        await host.Client.SendAsync(request);
        host.Seen!.Method.Should().Be("POST");
        host.Seen.Path.Should().Be("/");
        host.Seen.Query.Should().Be("x=%7e%2F&x=+");
        Encoding.UTF8.GetString(host.Seen.Body.Span).Should().Be(Identity + "&y=%7e");
        host.Seen.Headers.Should().Contain(header => header.Key == "Host" && header.Value == host.Client.BaseAddress!.Authority);
        string.Join(',', host.Seen.Headers.Where(header => header.Key == "X-Twice").Select(header => header.Value.Replace(" ", "", StringComparison.Ordinal)))
            .Should().Be("b,a");
    }

    [Fact]
    public async Task Policies_see_the_connection_and_the_region_of_the_signature()
    {
        await using var host = await StubHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/?{Assume}");
        request.Headers.TryAddWithoutValidation("User-Agent", "tester/1");
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", "203.0.113.9");
        await host.Client.SendAsync(request);
        host.Issuer.Environment.Should().BeEquivalentTo(
            new RequestEnvironment { SourceIp = IPAddress.Loopback, UserAgent = "tester/1", RequestedRegion = "us-east-1", SecureTransport = false });
    }

    [Theory]
    [InlineData("Action=Nothing&Version=2011-06-15", "Could not find operation Nothing for version 2011-06-15")]
    [InlineData("Action=GetCallerIdentity&Version=2010-01-01", "Could not find operation GetCallerIdentity for version 2010-01-01")]
    [InlineData("Action=GetCallerIdentity", "Could not find operation GetCallerIdentity for version NO_VERSION_SPECIFIED")]
    [InlineData("Action=getcalleridentity&Version=2011-06-15", "Could not find operation getcalleridentity for version 2011-06-15")]
    [InlineData("Action=AssumeRoleWithPassword&Version=2011-06-15", "Could not find operation AssumeRoleWithPassword for version 2011-06-15")]
    public async Task Operation_that_is_not_there_is_refused_before_anybody_is_authenticated(string form, string message)
    {
        await using var host = await StubHost.StartAsync();
        var response = await host.PostAsync(form);
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync()).Should().Contain("<Code>InvalidAction</Code>").And.Contain(message);
        host.Seen.Should().BeNull();
    }

    [Fact]
    public async Task AssumeRoleWithSAML_takes_no_signature_and_every_parameter_and_answers_in_order()
    {
        await using var host = await StubHost.StartAsync();
        host.SignatureError = StsError.InvalidClientTokenId();
        using var answer = await host.PostAsync(
            "Action=AssumeRoleWithSAML&Version=2011-06-15&RoleArn=r&PrincipalArn=p&SAMLAssertion=PHg%2B&Policy=x&PolicyArns.member.1.arn=a&DurationSeconds=900"
            + "&MinimumSessionTokenSize=7");
        (await answer.Content.ReadAsStringAsync()).ReplaceLineEndings("").Replace("  ", "", StringComparison.Ordinal).Should().Contain(
            "<Subject>user-1</Subject><SubjectType>persistent</SubjectType><Issuer>https://idp.example/saml</Issuer>"
            + "<Audience>https://signin.aws.amazon.com/saml</Audience><NameQualifier>1uAJanUnBc2XeUkHURMht+xam2c=</NameQualifier><AssumedRoleUser>")
            .And.Contain("<SourceIdentity>alice</SourceIdentity>").And.Contain("</AssumeRoleWithSAMLResult>");
        host.Seen.Should().BeNull();
        host.Issuer.SamlRequest.Should().BeEquivalentTo(new AssumeRoleWithSamlRequest
        {
            RoleArn = "r",
            PrincipalArn = "p",
            SamlAssertion = "PHg+",
            Policy = "x",
            PolicyArns = ["a"],
            DurationSeconds = 900,
            MinimumSessionTokenSize = 7,
        });
    }

    [Fact]
    public async Task AssumeRoleWithWebIdentity_takes_no_signature_and_a_bad_one_is_refused_all_the_same()
    {
        const string Form = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=r&RoleSessionName=s&WebIdentityToken=t&ProviderId=p&Policy=x"
            + "&PolicyArns.member.1.arn=a&DurationSeconds=900&MinimumSessionTokenSize=7";
        await using var host = await StubHost.StartAsync();
        host.SignatureError = StsError.InvalidClientTokenId();
        using var answer = await host.PostAsync(Form);
        (await answer.Content.ReadAsStringAsync()).Should().Contain(
            "<SubjectFromWebIdentityToken>user-1</SubjectFromWebIdentityToken>").And.Contain("<Audience>app</Audience>")
            .And.Contain("<Provider>arn:aws:iam::111122223333:oidc-provider/issuer.example</Provider>");
        host.Seen.Should().BeNull();
        host.Issuer.WebIdentityRequest.Should().BeEquivalentTo(new AssumeRoleWithWebIdentityRequest
        {
            RoleArn = "r",
            RoleSessionName = "s",
            WebIdentityToken = "t",
            ProviderId = "p",
            Policy = "x",
            PolicyArns = ["a"],
            DurationSeconds = 900,
            MinimumSessionTokenSize = 7,
        });
        foreach (var (header, query) in new[] { ("Authorization", ""), ("X-Amz-Security-Token", ""), (null, "?X-Amz-Signature=0"), (null, "?X-Amz-Security-Token=0") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/" + query)
            {
                Content = new StringContent(Form, null, "application/x-www-form-urlencoded"),
            };
            if (header is not null)
            {
                request.Headers.TryAddWithoutValidation(header, "x");
            }

            using var refused = await host.Client.SendAsync(request);
            (await refused.Content.ReadAsStringAsync()).Should().Contain("<Code>InvalidClientTokenId</Code>");
        }
    }

    [Fact]
    public async Task Bad_signature_is_told_before_bad_parameters()
    {
        await using var host = await StubHost.StartAsync();
        host.SignatureError = StsError.MissingAuthenticationToken();
        var response = await host.PostAsync($"{Assume}&DurationSeconds=x&SAMLAssertion=y");
        response.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await response.Content.ReadAsStringAsync()).Should().Contain("<Code>MissingAuthenticationToken</Code>");
        host.SignatureError = null;
        (await (await host.PostAsync($"{Assume}&DurationSeconds=x")).Content.ReadAsStringAsync()).Should()
            .Contain("<Code>MalformedInput</Code>").And.NotContain("<Message>");
        (await (await host.PostAsync($"{Assume}&SAMLAssertion=y")).Content.ReadAsStringAsync()).Should().Contain("InvalidParameterCombination");
        host.Issuer.Request.Should().BeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("Version=2011-06-15")]
    [InlineData("Action=&Version=2011-06-15")]
    public async Task Request_without_an_action_is_refused_or_by_the_hosts_choice_redirected(string form)
    {
        await using var host = await StubHost.StartAsync();
        var refused = await host.PostAsync(form);
        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await refused.Content.ReadAsStringAsync()).Should().Contain("<Code>MissingAction</Code>");
        await using var redirecting = await StubHost.StartAsync(options => options.RedirectWhenNoAction = true);
        var redirected = await redirecting.PostAsync(form);
        redirected.StatusCode.Should().Be(HttpStatusCode.Found);
        redirected.Headers.Location.Should().Be("https://aws.amazon.com/iam");
    }

    [Fact]
    public async Task Post_that_is_no_form_names_no_action_whatever_its_query_says()
    {
        await using var host = await StubHost.StartAsync();
        var response = await host.Client.PostAsync($"/?{Identity}", new StringContent(Identity, Encoding.UTF8, "application/json"));
        (await response.Content.ReadAsStringAsync()).Should().Contain("<Code>MissingAction</Code>");
    }

    [Theory]
    [InlineData(Identity + "&x=%zz")]
    [InlineData(Identity + "&x=%ff")]
    public async Task Broken_escape_is_400_with_an_empty_body(string form)
    {
        await using var host = await StubHost.StartAsync();
        foreach (var response in new[] { await host.PostAsync(form), await host.PostAsync(Identity, $"/?{form}") })
        {
            response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
            (await response.Content.ReadAsByteArrayAsync()).Should().BeEmpty();
        }
    }

    [Theory]
    [InlineData(2048, HttpStatusCode.OK)]
    [InlineData(2049, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Body_above_the_limit_is_413_with_an_empty_body(int size, HttpStatusCode status)
    {
        await using var host = await StubHost.StartAsync(options => options.MaxBodySize = 2048);
        var form = $"{Identity}&x=".PadRight(size, 'x');
        foreach (var chunked in new[] { false, true })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded") };
            request.Headers.TransferEncodingChunked = chunked;
            var response = await host.Client.SendAsync(request);
            response.StatusCode.Should().Be(status);
            (await response.Content.ReadAsByteArrayAsync()).Should().HaveCount(status == HttpStatusCode.OK ? (int)response.Content.Headers.ContentLength! : 0);
        }
    }

    [Fact]
    public async Task Too_many_parameters_are_refused()
    {
        await using var host = await StubHost.StartAsync();
        var response = await host.PostAsync(Identity + string.Concat(Enumerable.Repeat("&x=1", Parameters.MaxCount)));
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync()).Should().Contain("<Code>InvalidQueryParameter</Code>");
    }

    [Fact]
    public async Task Store_that_is_down_is_an_internal_failure_and_logged_once_without_the_request()
    {
        await using var host = await StubHost.StartAsync();
        host.Issuer.Answer = () => throw new IOException("the store is down");
        var response = await host.PostAsync($"{Assume}&TokenCode=424242");
        response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await response.Content.ReadAsStringAsync()).Should().Contain("<Code>InternalFailure</Code>").And.Contain("Receiver").And.NotContain("down");
        host.Log.Entries.Count(entry => entry.Level >= LogLevel.Error).Should().Be(1);
        host.Log.Entries.Should().NotContain(entry => entry.Text.Contains("424242", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Json_is_answered_to_those_who_ask_unless_the_host_says_no()
    {
        await using var host = await StubHost.StartAsync();
        (await host.PostAsync(Identity, accept: "application/json")).Content.Headers.ContentType!.MediaType.Should().Be("application/json");
        (await host.PostAsync("", accept: "application/json")).Content.Headers.ContentType!.MediaType.Should().Be("application/json");
        await using var plain = await StubHost.StartAsync(options => options.AnswerJson = false);
        (await plain.PostAsync(Identity, accept: "application/json")).Content.Headers.ContentType!.MediaType.Should().Be("text/xml");
    }

    [Fact]
    public async Task Other_methods_are_405_and_other_paths_are_the_hosts()
    {
        await using var host = await StubHost.StartAsync(options => options.Path = "/sts");
        foreach (var method in new[] { HttpMethod.Put, HttpMethod.Delete, HttpMethod.Options, HttpMethod.Head })
        {
            (await host.Client.SendAsync(new HttpRequestMessage(method, "/sts"))).StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
        }

        (await host.PostAsync(Identity)).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await host.PostAsync(Identity, "/sts")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Random_bytes_are_answered_and_never_with_a_server_error()
    {
        await using var host = await StubHost.StartAsync();
        var source = new Random(20260103);
        for (var round = 0; round < 300; round++)
        {
            var bytes = new byte[source.Next(0, 200)];
            source.NextBytes(bytes);
            byte[] body = round % 2 == 0 ? bytes : [.. Encoding.ASCII.GetBytes(Assume + "&"), .. bytes];
            var content = new ByteArrayContent(body);
            content.Headers.TryAddWithoutValidation("Content-Type", "application/x-www-form-urlencoded");
            var query = string.Concat(bytes.Take(20).Select(value => (char)(33 + (value % 94)))).Replace('#', '%').Replace('\\', '%');
            var response = await host.Client.PostAsync(host.Exact($"/?{query}"), content);
            ((int)response.StatusCode).Should().BeLessThan(500);
        }
    }

    [Fact]
    public void Wrong_options_are_all_named_at_once()
    {
        var options = new TokenServiceEndpointOptions { Path = "sts", MaxBodySize = 10 };
        options.CorsOrigins.Add("*");
        options.CorsOrigins.Add("https://fine.example");
        options.CorsOrigins.Add("https://slash.example/");
        options.SigningRegions.Add(" ");
        options.Invoking(each => each.Validate()).Should().Throw<OptionsValidationException>()
            .Which.Failures.Should().HaveCount(5).And.Contain(fault => fault.StartsWith("CorsOrigins[2]", StringComparison.Ordinal));
        new TokenServiceEndpointOptions().Invoking(each => each.Validate()).Should().NotThrow();
    }

    [Fact]
    public void Endpoint_is_not_mapped_without_its_services() =>
        WebApplication.CreateSlimBuilder().Build().Invoking(app => app.MapTokenService()).Should()
            .Throw<InvalidOperationException>().WithMessage("*AddTemporaryCredentials*");
}
