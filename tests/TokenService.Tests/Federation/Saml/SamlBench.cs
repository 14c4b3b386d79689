using NodaTime.Testing;
using TokenService.Testing;

namespace TokenService.Tests.Federation.Saml;

/// <summary>The validator on a bench: the trusted provider, a clock that stands still, and the log.</summary>
internal sealed class SamlBench : IDisposable
{
    internal SamlBench(SamlOptions? options = null)
    {
        Validator = new SamlValidator(options ?? new SamlOptions(), new InMemoryReplayGuard(Clock), Clock, Log);
    }

    internal FakeClock Clock { get; } = new(TestHost.Start);

    internal RecordingLog Log { get; } = new();

    internal SamlValidator Validator { get; }

    internal SamlProvider Provider { get; set; } = IdentityProvider.Trusted.Register() with { ClockTolerance = Duration.Zero };

    internal SamlProvider Decrypting => Provider with { PrivateKeys = [.. IdentityProvider.DecryptionKeys.Select(key => new Secret(key.ExportPkcs8PrivateKeyPem()))] };

    internal async Task<StsResult<SamlIdentity>> ValidateAsync(string response) => await Validator.ValidateAsync(Provider, response);

    internal async Task<StsResult<SamlIdentity>> ValidateAsync(SamlResponse response, SamlSigning what = SamlSigning.Assertion) =>
        await ValidateAsync(IdentityProvider.Trusted.Sign(response, what));

    /// <summary>The code of the refusal, or <see langword="null"/> where the response is accepted.</summary>
    internal async Task<string?> CodeAsync(SamlResponse response, SamlSigning what = SamlSigning.Assertion) => (await ValidateAsync(response, what)).Error?.Code;

    /// <summary>The code of the refusal of a response in XML.</summary>
    internal async Task<string?> CodeAsync(string xml) => (await ValidateAsync(IdentityProvider.Encode(xml))).Error?.Code;

    /// <summary>The rule that the last refusal was for.</summary>
    internal string? Rule => Log.Entries.LastOrDefault(entry => entry.Id.Id == 1031).Text;

    public void Dispose() => Log.Dispose();
}
