using System.Buffers.Text;

namespace TokenService.Tests.Operations;

public sealed class DecodeAuthorizationMessageTests : IDisposable
{
    private static readonly StsError Invalid = StsError.InvalidAuthorizationMessage();

    private readonly TestHost _host = new();

    public DecodeAuthorizationMessageTests()
    {
        _host.AddUser("alice", Policy("Allow"));
        _host.AddUser("carol", Policy("Allow"), _host.Away);
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Message_is_read_to_those_of_its_account_alone()
    {
        var message = await DeniedAsync();
        message.Should().MatchRegex("^[A-Za-z0-9_-]+$");
        (await DecodeAsync("alice", message)).Value.DecodedMessage.Should().StartWith("""{"allowed":false,"explicitDeny":false,""");
        var foreign = await _host.Issuer.DecodeAuthorizationMessageAsync(await _host.UserAsync("carol", _host.Away), Request(message));
        foreign.Error.Should().Be(Invalid);
        (Invalid.Code, Invalid.HttpStatus, Invalid.Message).Should()
            .Be(("InvalidAuthorizationMessageException", 400, "The encoded authorization message is invalid or has expired."));
    }

    [Theory]
    [InlineData(0, 24 * 3600)]
    [InlineData(60, 60)]
    [InlineData(36 * 3600, 36 * 3600)]
    public async Task Message_is_read_as_long_as_the_host_says(int configured, int seconds)
    {
        using var host = new TestHost(options =>
        {
            if (configured > 0)
            {
                options.AuthorizationMessageLifetime = TimeSpan.FromSeconds(configured);
            }
        });
        host.AddUser("alice", Policy("Allow"));
        var alice = await host.UserAsync("alice");
        var message = await DeniedAsync(host);
        host.Clock.Advance(Duration.FromSeconds(seconds) - Duration.FromTicks(1));
        (await host.Issuer.DecodeAuthorizationMessageAsync(alice, Request(message))).IsSuccess.Should().BeTrue();
        host.Clock.Advance(Duration.FromTicks(1));
        (await host.Issuer.DecodeAuthorizationMessageAsync(alice, Request(message))).Error.Should().Be(Invalid);
    }

    [Theory, InlineData(59), InlineData((36 * 3600) + 1)]
    public void Life_that_cannot_be_is_refused_when_the_host_starts(int seconds)
    {
        using var host = new TestHost(options => options.AuthorizationMessageLifetime = TimeSpan.FromSeconds(seconds));
        FluentActions.Invoking(() => host.Get<AuthorizationMessages>()).Should().Throw<Microsoft.Extensions.Options.OptionsValidationException>()
            .Which.Failures.Should().ContainSingle().Which.Should().Contain("AuthorizationMessageLifetime");
    }

    [Fact]
    public async Task Changed_cut_or_lengthened_message_is_refused_like_any_other_text()
    {
        var message = await DeniedAsync();
        var bytes = Base64Url.DecodeFromChars(message);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            (await DecodeAsync("alice", Base64Url.EncodeToString(bytes))).Error.Should().Be(Invalid);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        for (var length = 1; length < message.Length; length++)
        {
            (await DecodeAsync("alice", message[..length])).Error.Should().Be(Invalid);
        }

        foreach (var other in new[] { message + "A", message + "AAAA", message + "====", " " + message, message[..^1] + " \n\t ", message.Insert(8, "    "), "é" + message[1..] })
        {
            (await DecodeAsync("alice", other)).Error.Should().Be(Invalid);
        }
    }

    [Fact]
    public async Task Random_text_is_refused_and_never_breaks()
    {
        var random = new Random(20260102);
        var good = await DeniedAsync();
        for (var round = 0; round < 2_000; round++)
        {
            var bytes = new byte[random.Next(1, 400)];
            random.NextBytes(bytes);
            var text = (round % 4) switch
            {
                0 => Base64Url.EncodeToString(bytes),
                1 => string.Concat(bytes.Select(value => (char)(value * 257))),
                2 => string.Concat(good.AsSpan(0, random.Next(4, good.Length)), Base64Url.EncodeToString(bytes)),
                _ => new string(good.Select(character => random.Next(100) == 0 ? (char)random.Next('-', 'z') : character).ToArray()),
            };
            if (text != good)
            {
                (await DecodeAsync("alice", text)).Error.Should().Be(Invalid, "round {0}", round);
            }
        }
    }

    [Fact]
    public async Task Session_token_is_no_message_and_a_message_is_no_session_token()
    {
        var role = _host.AddRole("r", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/alice"},"Action":"sts:AssumeRole"}}""");
        var credentials = (await _host.Issuer.AssumeRoleAsync(
            await _host.UserAsync("alice"), new AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = "s1" })).Value.Credentials;
        (await DecodeAsync("alice", credentials.SessionToken)).Error.Should().Be(Invalid);
        (await _host.Callers.FromCredentialsAsync(credentials.AccessKeyId, credentials.SecretAccessKey, await DeniedAsync()))
            .Error.Should().Be(StsError.InvalidClientTokenId());

        var device = _host.Get<MfaSecretSealer>().Seal("arn:aws:iam::111122223333:mfa/alice", new Secret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"));
        (await DecodeAsync("alice", device.SealedSecret)).Error.Should().Be(Invalid);
    }

    [Fact]
    public async Task Message_is_read_by_another_node_of_the_ring_while_the_ring_has_its_key()
    {
        var (older, newer) = (RootKey.Generate(), RootKey.Generate());
        var message = Seal(new KeyRing(older));
        Opens(new KeyRing(newer, older), message).Should().BeTrue();
        Opens(new KeyRing(newer), message).Should().BeFalse();
        Opens(new KeyRing(new RootKey(older.Id, new byte[RootKey.Size])), message).Should().BeFalse();

        static string Seal(IKeyRing ring) => new AuthorizationMessageSealer(ring).Seal("{}"u8, "111122223333", TestHost.Start + Duration.FromHours(1));
        static bool Opens(IKeyRing ring, string message) => new AuthorizationMessageSealer(ring).TryOpen(message, "111122223333", TestHost.Start, out _);
    }

    [Theory]
    [InlineData(0, "ValidationError", "1 validation error detected: Value at 'encodedMessage' failed to satisfy constraint: Member must have length greater than or equal to 1")]
    [InlineData(1, "InvalidAuthorizationMessageException", null)]
    [InlineData(10_240, "InvalidAuthorizationMessageException", null)]
    [InlineData(10_241, "ValidationError", "1 validation error detected: Value at 'encodedMessage' failed to satisfy constraint: Member must have length less than or equal to 10240")]
    public async Task Message_has_its_length_at_the_edge_and_not_one_past(int length, string code, string? told)
    {
        var error = (await DecodeAsync("alice", new string('A', length))).Error!;
        error.Code.Should().Be(code);
        error.Message.Should().Be(told ?? Invalid.Message);
    }

    [Fact]
    public async Task Missing_message_is_a_validation_error() =>
        (await DecodeAsync("alice", null)).Error.Should().Be(StsError.ValidationError(
            "1 validation error detected: Value null at 'encodedMessage' failed to satisfy constraint: Member must not be null"));

    [Theory, InlineData(null), InlineData("Deny")]
    public async Task Caller_without_the_permission_does_not_learn_whether_the_message_is_one(string? effect)
    {
        _host.AddUser("bob", effect is null ? null : Policy(effect));
        foreach (var message in new[] { await DeniedAsync(), "garbage" })
        {
            (await DecodeAsync("bob", message)).Error.Should().Be(StsError.AccessDenied(
                "User: arn:aws:iam::111122223333:user/bob is not authorized to perform: sts:DecodeAuthorizationMessage"));
        }

        _host.Log.Entries.Should().OnlyContain(entry => !entry.Text.Contains("garbage", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(CallerKind.User, true)]
    [InlineData(CallerKind.Root, true)]
    [InlineData(CallerKind.RoleSession, true)]
    [InlineData(CallerKind.UserSession, false)]
    [InlineData(CallerKind.RootSession, false)]
    [InlineData(CallerKind.FederatedUser, false)]
    [InlineData(CallerKind.AssumedRoot, false)]
    public async Task Kinds_of_caller_that_decode_are_those_of_the_matrix(CallerKind kind, bool may)
    {
        var caller = await CallerKinds.MakeAsync(_host, kind, Policy("Allow"));
        var result = await _host.Issuer.DecodeAuthorizationMessageAsync(caller, Request(await DeniedAsync()));
        result.IsSuccess.Should().Be(may);
        if (!may)
        {
            result.Error!.Code.Should().Be("AccessDenied");
        }
    }

    private static string Policy(string effect) =>
        $$"""{"Version":"2012-10-17","Statement":{"Effect":"{{effect}}","Action":"sts:DecodeAuthorizationMessage","Resource":"*"} }""";

    private static DecodeAuthorizationMessageRequest Request(string? message) => new() { EncodedMessage = message };

    private Task<string> DeniedAsync() => DeniedAsync(_host);

    private static async Task<string> DeniedAsync(TestHost host)
    {
        host.AddUser("denied");
        var decision = await host.Get<IAuthorizer>().AuthorizeAsync(
            new AuthorizationRequest { Caller = await host.UserAsync("denied"), Action = "ec2:RunInstances", Resource = "*" });
        host.Get<AuthorizationMessages>().TryEncode(decision, out var message).Should().BeTrue();
        return message!;
    }

    private async Task<StsResult<DecodeAuthorizationMessageResponse>> DecodeAsync(string user, string? message) =>
        await _host.Issuer.DecodeAuthorizationMessageAsync(await _host.UserAsync(user), Request(message));
}
