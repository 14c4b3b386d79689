using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;

namespace TokenService.AspNetCore.Tests;

public sealed class AnswerTests
{
    [Fact]
    public async Task Success_is_laid_out_as_the_live_service_lays_it_out()
    {
        var answer = await GrantAsync("GetCallerIdentity", asJson: false, new StubIssuer());
        answer.ContentType.Should().Be("text/xml");
        Text(answer).Should().Be(
            $"""
            <GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
              <GetCallerIdentityResult>
                <Arn>arn:aws:iam::111122223333:user/alice</Arn>
                <UserId>AIDARTX3GSDSQAAAAAAAA</UserId>
                <Account>111122223333</Account>
              </GetCallerIdentityResult>
              <ResponseMetadata>
                <RequestId>{Known.RequestId}</RequestId>
              </ResponseMetadata>
            </GetCallerIdentityResponse>

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task AssumeRole_answers_its_elements_in_order_with_time_in_whole_seconds()
    {
        var answer = await GrantAsync("AssumeRole", asJson: false, new StubIssuer { Answer = () => Known.AssumeRole(6, "alice") });
        Text(answer).Should().Contain(
            """
              <AssumeRoleResult>
                <AssumedRoleUser>
                  <AssumedRoleId>AROARTX3GSDSQAAAAAAAA:try</AssumedRoleId>
                  <Arn>arn:aws:sts::111122223333:assumed-role/deploy/try</Arn>
                </AssumedRoleUser>
                <Credentials>
                  <AccessKeyId>ASIARTX3GSDSQBBBBBBB</AccessKeyId>
                  <SecretAccessKey>s+/cret</SecretAccessKey>
                  <SessionToken>tok==</SessionToken>
                  <Expiration>2026-01-02T03:04:05Z</Expiration>
                </Credentials>
                <PackedPolicySize>6</PackedPolicySize>
                <SourceIdentity>alice</SourceIdentity>
                <SessionTokenSize>5</SessionTokenSize>
                <SessionTokenUtilization>1</SessionTokenUtilization>
              </AssumeRoleResult>
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task GetSessionToken_answers_credentials_and_nothing_else()
    {
        var answer = await GrantAsync("GetSessionToken", asJson: false, new StubIssuer());
        Text(answer).Should().Contain(
            """
              <GetSessionTokenResult>
                <Credentials>
                  <AccessKeyId>ASIARTX3GSDSQBBBBBBB</AccessKeyId>
                  <SecretAccessKey>s+/cret</SecretAccessKey>
                  <SessionToken>tok==</SessionToken>
                  <Expiration>2026-01-02T03:04:05Z</Expiration>
                </Credentials>
              </GetSessionTokenResult>
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task GetFederationToken_answers_its_elements_and_the_packed_size_also_where_it_is_nought()
    {
        var answer = await GrantAsync("GetFederationToken", asJson: false, new StubIssuer());
        Text(answer).Should().Contain(
            """
                </Credentials>
                <FederatedUser>
                  <FederatedUserId>111122223333:carol</FederatedUserId>
                  <Arn>arn:aws:sts::111122223333:federated-user/carol</Arn>
                </FederatedUser>
                <PackedPolicySize>0</PackedPolicySize>
                <SessionTokenSize>5</SessionTokenSize>
                <SessionTokenUtilization>1</SessionTokenUtilization>
              </GetFederationTokenResult>
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task GetWebIdentityToken_answers_the_token_and_a_whole_second()
    {
        var issuer = new StubIssuer();
        var answer = await GrantAsync(
            "GetWebIdentityToken", asJson: false, issuer,
            "Audience.member.1=a&Audience.member.2=b&SigningAlgorithm=RS256&DurationSeconds=60&Tags.member.1.Key=k&Tags.member.1.Value=v");
        issuer.WebIdentityTokenRequest!.Audience.Should().Equal("a", "b");
        issuer.WebIdentityTokenRequest.Tags.Should().Equal(new Tag("k", "v"));
        (issuer.WebIdentityTokenRequest.SigningAlgorithm, issuer.WebIdentityTokenRequest.DurationSeconds).Should().Be(("RS256", 60));
        Text(answer).Should().Contain(
            """
              <GetWebIdentityTokenResult>
                <WebIdentityToken>a.b.c</WebIdentityToken>
                <Expiration>2026-01-02T03:09:05Z</Expiration>
              </GetWebIdentityTokenResult>
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task GetDelegatedAccessToken_answers_the_credentials_and_whose_they_are_and_no_packed_size()
    {
        var text = Text(await GrantAsync("GetDelegatedAccessToken", asJson: false, new StubIssuer(), "TradeInToken=alice"));
        text.Should().Contain("</Credentials>\n    <AssumedPrincipal>arn:aws:iam::111122223333:user/alice</AssumedPrincipal>\n").And.NotContain("PackedPolicySize");
    }

    [Fact]
    public async Task Optional_elements_are_left_out_and_never_empty()
    {
        var text = Text(await GrantAsync("AssumeRole", asJson: false, new StubIssuer()));
        text.Should().NotContain("PackedPolicySize").And.NotContain("SourceIdentity");
    }

    [Fact]
    public async Task Json_has_the_structure_of_the_xml_and_epoch_seconds()
    {
        var answer = await GrantAsync("AssumeRole", asJson: true, new StubIssuer());
        answer.ContentType.Should().Be("application/json");
        var root = JsonDocument.Parse(answer.Body).RootElement.GetProperty("AssumeRoleResponse");
        root.GetProperty("ResponseMetadata").GetProperty("RequestId").GetString().Should().Be(Known.RequestId);
        var credentials = root.GetProperty("AssumeRoleResult").GetProperty("Credentials");
        credentials.GetProperty("SecretAccessKey").GetString().Should().Be("s+/cret");
        credentials.GetProperty("Expiration").GetInt64().Should().Be(1767323045);
    }

    [Fact]
    public void Refusal_is_laid_out_as_the_live_service_lays_it_out() =>
        Text(Answer.Refusal(asJson: false, StsError.AccessDenied("no"), Known.RequestId)).Should().Be(
            $"""
            <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
              <Error>
                <Type>Sender</Type>
                <Code>AccessDenied</Code>
                <Message>no</Message>
              </Error>
              <RequestId>{Known.RequestId}</RequestId>
            </ErrorResponse>

            """.ReplaceLineEndings("\n"));

    [Fact]
    public void Refusal_in_json_has_code_message_type_and_request_id() =>
        Text(Answer.Refusal(asJson: true, StsError.AccessDenied("no"), "id")).Should().Be(
            """{"Error":{"Code":"AccessDenied","Message":"no","Type":"Sender"},"RequestId":"id"}""");

    [Fact]
    public async Task GetAccessKeyInfo_takes_its_parameter_and_answers_its_element()
    {
        var issuer = new StubIssuer();
        var answer = Text(await GrantAsync("GetAccessKeyInfo", asJson: false, issuer, "AccessKeyId=AKIASP2TPHJSQH3FJXYZ"));
        answer.Should().Contain(
            """
              <GetAccessKeyInfoResult>
                <Account>of AKIASP2TPHJSQH3FJXYZ</Account>
              </GetAccessKeyInfoResult>
            """.ReplaceLineEndings("\n"));
        issuer.Environment.Should().NotBeNull("the policies of the caller may ask for it");
    }

    [Fact]
    public async Task DecodeAuthorizationMessage_answers_JSON_as_text()
    {
        var issuer = new StubIssuer();
        var answer = Text(await GrantAsync("DecodeAuthorizationMessage", asJson: false, issuer, "EncodedMessage=abc-_"));
        answer.Should().Contain(
            """
              <DecodeAuthorizationMessageResult>
                <DecodedMessage>{&quot;of&quot;:&quot;abc-_&quot;}</DecodedMessage>
              </DecodeAuthorizationMessageResult>
            """.ReplaceLineEndings("\n"));
        issuer.Environment.Should().NotBeNull("the policies of the caller may ask for it");
        var json = await GrantAsync("DecodeAuthorizationMessage", asJson: true, issuer, "EncodedMessage=abc-_");
        JsonDocument.Parse(json.Body).RootElement.GetProperty("DecodeAuthorizationMessageResponse").GetProperty("DecodeAuthorizationMessageResult")
            .GetProperty("DecodedMessage").GetString().Should().Be("""{"of":"abc-_"}""");
    }

    [Fact]
    public void Own_fault_is_the_receivers_and_malformed_input_has_no_message()
    {
        Text(Answer.Refusal(asJson: false, StsError.InternalFailure(), "id")).Should().Contain("<Type>Receiver</Type>");
        Text(Answer.Refusal(asJson: false, StsError.MalformedInput(null), "id")).Should().NotContain("Message");
        Text(Answer.Refusal(asJson: true, StsError.MalformedInput(null), "id")).Should().NotContain("Message");
    }

    [Fact]
    public void Only_the_dispatchers_refusal_has_its_own_namespace()
    {
        Text(Answer.Refusal(asJson: false, StsError.InvalidAction("X", null), "id")).Should()
            .Contain(XmlAnswerWriter.DispatcherNamespace).And.Contain("Could not find operation X for version NO_VERSION_SPECIFIED");
        Text(Answer.Refusal(asJson: false, StsError.MissingAction(), "id")).Should().Contain(XmlAnswerWriter.ServiceNamespace);
    }

    [Theory]
    [InlineData("<Code>x</Code>&\"'")]
    [InlineData("]]>")]
    [InlineData("tab\tline\nreturn\r")]
    [InlineData("é 😀")]
    public void Hostile_text_comes_back_as_it_was(string hostile)
    {
        ReadXml(hostile).Should().Be(hostile);
        ReadJson(hostile).Should().Be(hostile);
    }

    [Theory]
    [InlineData("\u0000", "\uFFFD")]
    [InlineData("a\u0001\u001fb", "a\uFFFD\uFFFDb")]
    [InlineData("\uFFFE\uFFFF", "\uFFFD\uFFFD")]
    public void What_XML_cannot_hold_is_replaced(string hostile, string legible)
    {
        ReadXml(hostile).Should().Be(legible);
        ReadJson(hostile).Should().Be(legible);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_replaced()
    {
        foreach (var hostile in new[] { "a\ud83d", "\ude00a", "\ud83d\ud83d\ude00", "\ude00\ud83d" })
        {
            var text = new string(hostile);
            ReadXml(text).Should().Contain("\uFFFD");
            ReadJson(text).Should().Be(ReadXml(text));
        }
    }

    [Theory]
    [InlineData("application/json", true)]
    [InlineData("application/json, text/plain, */*", true)]
    [InlineData("text/xml;q=0.5, application/json", true)]
    [InlineData("text/xml, application/json", false)]
    [InlineData("application/json;q=0", false)]
    [InlineData("*/*", false)]
    [InlineData("", false)]
    [InlineData("application/jsonx", false)]
    [InlineData(";;;,,=", false)]
    public void Json_is_for_those_who_ask_for_it_before_any_XML(string accept, bool json)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Accept = accept;
        Answer.PrefersJson(context.Request).Should().Be(json);
    }

    [Fact]
    public async Task Answer_leaves_in_one_write_with_its_length()
    {
        using var body = new CountingStream();
        var context = new DefaultHttpContext();
        context.Response.Body = body;
        await Answer.Refusal(asJson: false, StsError.AccessDenied("no"), Known.RequestId).SendAsync(context, Known.RequestId);
        body.Writes.Should().Be(1);
        context.Response.ContentLength.Should().Be(body.Length);
        context.Response.Headers["x-amzn-RequestId"].ToString().Should().Be(Known.RequestId);
    }

    private static async Task<Answer> GrantAsync(string operation, bool asJson, StubIssuer issuer, string form = "")
    {
        var call = new WireCall(Known.Alice, QueryParserTests.Read(form), new RequestEnvironment());
        var write = (await WireTable.Operations[operation].ExecuteAsync(issuer, call, CancellationToken.None)).Value;
        return Answer.Success(asJson, operation, Known.RequestId, write);
    }

    private static string Text(Answer answer) => Encoding.UTF8.GetString(answer.Body.Span);

    private static string ReadXml(string message) => XDocument.Parse(
            Text(Answer.Refusal(asJson: false, StsError.AccessDenied(message), "id")), LoadOptions.PreserveWhitespace)
        .Descendants().Single(element => element.Name.LocalName == "Message").Value;

    private static string ReadJson(string message) =>
        JsonDocument.Parse(Answer.Refusal(asJson: true, StsError.AccessDenied(message), "id").Body)
            .RootElement.GetProperty("Error").GetProperty("Message").GetString()!;

    private sealed class CountingStream : MemoryStream
    {
        internal int Writes { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Writes++;
            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}
