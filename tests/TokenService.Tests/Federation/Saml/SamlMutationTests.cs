using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml;
using NodaTime.Testing;
using TokenService.Testing;
using Xunit.Abstractions;

namespace TokenService.Tests.Federation.Saml;

/// <summary>Whatever becomes of a good response on the way: it is refused, or says exactly what its provider signed.</summary>
public sealed class SamlMutationTests(ITestOutputHelper output)
{
    /// <summary>Mutations of each response; with TOKENSERVICE_LONG thousands.</summary>
    private static readonly int Mutations = Environment.GetEnvironmentVariable("TOKENSERVICE_LONG") is { Length: > 0 } ? 5000 : 60;

    [Fact]
    public async Task Mutation_is_refused_or_yields_exactly_the_identity_of_the_original()
    {
        var mutator = new Mutator(Seeded());
        int accepted = 0, refused = 0;
        foreach (var entry in SamlCases.All.Where(entry => entry.Text("expected") == "accept"))
        {
            using var log = new RecordingLog();
            var clock = new FakeClock(entry.Now());
            var validator = new SamlValidator(entry.Options(), new ForgetfulGuard(), clock, log);
            var provider = entry.Provider();
            var response = entry.Response();
            var original = Told((await validator.ValidateAsync(provider, response)).Value);
            var xml = Encoding.UTF8.GetString(Convert.FromBase64String(response)).TrimStart('\uFEFF');
            for (var mutation = 0; mutation < Mutations; mutation++)
            {
                var mutant = mutator.Mutate(xml);
                var validated = await validator.ValidateAsync(provider, IdentityProvider.Encode(mutant));
                if (validated.TryGetValue(out var identity, out var error))
                {
                    accepted++;
                    Told(identity).Should().Be(original, $"of {entry.Id()}, mutation {mutation}: {mutant}");
                }
                else
                {
                    refused++;
                    error.Code.Should().BeOneOf("InvalidIdentityToken", "ExpiredTokenException", "IDPRejectedClaim");
                }

                if (mutation % 1000 == 0)
                {
                    log.Clear();
                }
            }
        }

        output.WriteLine($"{accepted + refused} mutations: {refused} refused, {accepted} said what was signed");
        refused.Should().BePositive();
        accepted.Should().BePositive("what nobody signed may change");
    }

    /// <summary>Whatever bytes come, the answer is a refusal, or what was signed.</summary>
    [Fact]
    public async Task Garbled_response_is_refused_without_an_exception_or_yields_the_identity_of_the_original()
    {
        var random = Seeded();
        var mutator = new Mutator(random);
        var refused = 0;
        foreach (var entry in SamlCases.All.Where(entry => entry.Text("expected") == "accept"))
        {
            using var log = new RecordingLog();
            var clock = new FakeClock(entry.Now());
            var validator = new SamlValidator(entry.Options(), new ForgetfulGuard(), clock, log);
            var provider = entry.Provider();
            var response = entry.Response();
            var original = Told((await validator.ValidateAsync(provider, response)).Value);
            var bytes = Convert.FromBase64String(response);
            for (var mutation = 0; mutation < Mutations; mutation++)
            {
                var mutant = Encoding.UTF8.GetBytes(mutator.Garble(Encoding.UTF8.GetString(bytes)));
                if (random.Next(4) == 0)
                {
                    mutant[random.Next(mutant.Length)] = (byte)random.Next(256);
                }

                var text = Convert.ToBase64String(mutant);
                var validated = await validator.ValidateAsync(provider, random.Next(16) == 0 ? mutator.Garble(text) : text);
                if (validated.TryGetValue(out var identity, out _))
                {
                    Told(identity).Should().Be(original, $"of {entry.Id()}: {text}");
                }
                else
                {
                    refused++;
                }
            }

            log.Clear();
        }

        refused.Should().BePositive();
    }

    /// <summary>A provider signs strange things: they are judged, and nothing is thrown.</summary>
    [Fact]
    public async Task Whatever_a_provider_signs_is_judged_without_an_exception()
    {
        var mutator = new Mutator(Seeded());
        int accepted = 0, refused = 0;
        using var bench = new SamlBench();
        for (var mutation = 0; mutation < 10 * Mutations; mutation++)
        {
            var xml = Responses.Good().With("PrincipalTag:Team", "blue").With("SessionDuration", "900").With("TransitiveTagKeys", "Team").ToXml();
            string signed;
            try
            {
                signed = IdentityProvider.Trusted.SignXml(mutation % 2 == 0 ? mutator.Mutate(xml) : mutator.Garble(xml), SamlSigning.Assertion);
            }
            catch (Exception broken) when (broken is XmlException or CryptographicException or NullReferenceException or ArgumentException or InvalidOperationException)
            {
                // Not even a provider makes a signature in that.
                continue;
            }

            _ = (await bench.ValidateAsync(IdentityProvider.Encode(signed))).IsSuccess ? accepted++ : refused++;
        }

        output.WriteLine($"{accepted} accepted, {refused} refused");
        accepted.Should().BePositive();
        refused.Should().BePositive();
    }

    private Random Seeded()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("TOKENSERVICE_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var given)
            ? given
            : Random.Shared.Next();
        output.WriteLine($"TOKENSERVICE_SEED={seed}");
        return new Random(seed);
    }

    private static string Told(SamlIdentity identity) => string.Join('\n',
    [
        identity.AssertionId, identity.RoleSessionName, identity.NameIdFormat, identity.SubjectType, identity.NameQualifier, $"{identity.SessionDuration}",
        $"{identity.SessionNotOnOrAfter}", string.Join('|', identity.Roles), identity.Federated.Issuer, identity.Federated.Subject, identity.Federated.Audience,
        identity.Federated.SourceIdentity, string.Join('|', identity.Federated.Tags), string.Join('|', identity.Federated.TransitiveTagKeys),
        string.Join('|', identity.Federated.Keys), string.Join('|', identity.Federated.SessionKeys), string.Join('|', identity.Federated.Roles!.Value),
    ]);

    /// <summary>Lets the same assertion through again and again, so that only what is read counts.</summary>
    private sealed class ForgetfulGuard : IReplayGuard
    {
        public ValueTask<UseResult> TryUseAsync(GuardKey key, Instant until, CancellationToken cancellationToken) => ValueTask.FromResult(UseResult.First);

        public ValueTask<UseResult> TryAdvanceAsync(GuardKey key, long position, Instant until, CancellationToken cancellationToken) => ValueTask.FromResult(UseResult.First);
    }
}
