using System.Globalization;
using System.Text;
using NodaTime.Testing;
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
        var seed = int.TryParse(Environment.GetEnvironmentVariable("TOKENSERVICE_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var given)
            ? given
            : Random.Shared.Next();
        output.WriteLine($"TOKENSERVICE_SEED={seed}");
        var mutator = new Mutator(new Random(seed));
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
                    Told(identity).Should().Be(original, $"of {entry.Id()}, mutation {mutation} of seed {seed}: {mutant}");
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
