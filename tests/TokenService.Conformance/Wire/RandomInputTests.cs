using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Xunit.Abstractions;

namespace TokenService.Conformance;

/// <summary>Whatever bytes arrive, the service refuses them in its own words: no 500, and no connection that just ends.</summary>
/// <remarks>The seed is printed; <c>TOKENSERVICE_SEED</c> repeats a run, and <c>TOKENSERVICE_LONG</c> makes it long.</remarks>
[SuppressMessage("Security", "CA5394", Justification = "Input that can be repeated by its seed, no secret.")]
public sealed class RandomInputTests : IClassFixture<LiveService>
{
    private const string Identity = "Action=GetCallerIdentity&Version=2011-06-15";

    private static readonly int Rounds = Environment.GetEnvironmentVariable("TOKENSERVICE_LONG") is null ? 300 : 20_000;

    private readonly LiveService _service;
    private readonly Random _random;

    public RandomInputTests(LiveService service, ITestOutputHelper output)
    {
        _service = service;
        var seed = Environment.GetEnvironmentVariable("TOKENSERVICE_SEED") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : Random.Shared.Next();
        _random = new Random(seed);
        output.WriteLine($"TOKENSERVICE_SEED={seed}");
    }

    [Fact]
    public async Task Random_bytes_as_body_are_refused()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var start = Pick("", "Action=", "Action=AssumeRole&Version=2011-06-15&", "Action=AssumeRole&Version=2011-06-15&RoleArn=", "%", "Tags.member.1.Key=");
            using var content = new ByteArrayContent([.. Encoding.UTF8.GetBytes(start), .. Bytes(_random.Next(200))]);
            content.Headers.TryAddWithoutValidation("Content-Type", "application/x-www-form-urlencoded");
            using var answer = await _service.Http.PostAsync(_service.Url, content);
            ((int)answer.StatusCode).Should().BeInRange(400, 499);
        }
    }

    [Fact]
    public async Task Random_parameters_with_a_good_signature_are_refused_or_granted_and_never_break()
    {
        var (keys, role) = ClientFlows.Pair(_service, "random");
        var signer = new RequestSigner(keys, _service.Url);
        for (var round = 0; round < Rounds; round++)
        {
            var form = new StringBuilder("Action=AssumeRole&Version=2011-06-15");
            foreach (var name in new[]
            {
                "RoleArn", "RoleSessionName", "Policy", "DurationSeconds", "ExternalId", "SerialNumber", "TokenCode", "SourceIdentity", "PolicyArns.member.1.arn",
                "Tags.member.1.Key", "Tags.member.1.Value", "TransitiveTagKeys.member.1", "ProvidedContexts.member.1.ProviderArn", "MinimumSessionTokenSize",
            })
            {
                if (_random.Next(3) > 0)
                {
                    var value = name switch
                    {
                        "RoleArn" when _random.Next(2) > 0 => role.Arn.ToString(),
                        "RoleSessionName" when _random.Next(2) > 0 => "session-1",
                        "Policy" when _random.Next(2) > 0 => """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":""" + Text(8) + "}}",
                        _ => Text(_random.Next(40)),
                    };
                    form.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
                }
            }

            using var request = signer.Form(form.ToString());
            using var answer = await _service.Http.SendAsync(request);
            ((int)answer.StatusCode).Should().BeLessThan(500, "it was asked {0}", form);
            System.Xml.Linq.XDocument.Parse(await answer.Content.ReadAsStringAsync()).Root.Should().NotBeNull();
        }
    }

    [Fact]
    public async Task Random_session_tokens_are_invalid()
    {
        var (user, role) = ClientFlows.Pair(_service, "random-token");
        var session = (await new DotNetClient(_service.Url).CallAsync("AssumeRole", user, ClientFlows.Assume(role))).Keys;
        for (var round = 0; round < Rounds; round++)
        {
            var token = _random.Next(3) switch
            {
                0 => Convert.ToBase64String(Bytes(_random.Next(1, 600))),
                1 => new string([.. Bytes(_random.Next(1, 100)).Select(value => (char)('!' + (value % 94)))]),
                _ => Changed(session.Token!),
            };
            using var request = new RequestSigner(session with { Token = token }, _service.Url).Form(Identity);
            using var answer = await _service.Http.SendAsync(request);
            ((int)answer.StatusCode).Should().Be(403, "the token was {0}", token);
            var text = await answer.Content.ReadAsStringAsync();
            text.Should().Contain("<Code>InvalidClientTokenId</Code>");

            // A shorter one may be part of any text.
            (token.Length >= 40 && text.Contains(token, StringComparison.Ordinal)).Should().BeFalse();
        }
    }

    [Fact]
    public async Task Random_bytes_as_headers_and_targets_are_refused()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var name = Pick("Authorization", "X-Amz-Date", "X-Amz-Security-Token", "Content-Type", "Accept", "Origin", "X-Amz-Content-Sha256", "Host", "Date");
            var value = Pick("", "AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256 Credential=") + Latin(_random.Next(60));
            var target = _random.Next(2) == 0 ? "/" : "/?" + Latin(_random.Next(40)).Replace(" ", "", StringComparison.Ordinal);
            var answer = await RawConnection.SendAsync(
                _service.Url,
                $"POST {target} HTTP/1.1\r\nHost: {_service.Url.Authority}\r\nContent-Type: application/x-www-form-urlencoded\r\n{name}: {value}\r\n"
                + $"Content-Length: {Identity.Length}\r\nConnection: close\r\n\r\n{Identity}");
            RawConnection.Status(answer).Should().BeInRange(400, 499, "{0}: {1} at {2} was answered {3}", name, value, target, answer);
        }
    }

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    private string Pick(params string[] choices) => choices[_random.Next(choices.Length)];

    /// <summary>Text of any characters, those outside the basic plane and lone surrogates excepted, which no UTF-8 holds.</summary>
    private string Text(int count) => new([.. Enumerable.Range(0, count).Select(_ => (char)(_random.Next(4) == 0 ? _random.Next(0xD7FF) : _random.Next(0x80)))]);

    /// <summary>One character a byte, without what ends a header line.</summary>
    private string Latin(int count) => Encoding.Latin1.GetString(Bytes(count)).Replace('\r', 'r').Replace('\n', 'n').Replace('\0', '0');

    private string Changed(string token)
    {
        var place = _random.Next(token.Length);
        var other = token[place] == 'A' ? 'B' : 'A';
        return string.Concat(token.AsSpan(0, place), [other], token.AsSpan(place + 1));
    }
}
