using System.Collections.Immutable;
using System.Xml;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace TokenService;

/// <summary>Checks SAML responses by the rules of docs/saml.md, in their order: what is cheap and local first, cryptography last, and
/// claims from nothing but what was signed.</summary>
internal sealed class SamlValidator(SamlOptions options, IReplayGuard replayGuard, IClock clock, ILogger logger) : ISamlValidator
{
    /// <summary>STS API Reference, <c>SAMLAssertion</c>, in characters.</summary>
    internal const int MinLength = 4;

    /// <summary>As above.</summary>
    internal const int MaxLength = 100_000;

    private const string UsedAssertion = "saml-assertion";
    private const int MaxStatusLength = 256;

    public async ValueTask<StsResult<SamlIdentity>> ValidateAsync(SamlProvider provider, string response, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(provider);
        ArgumentNullException.ThrowIfNull(response);
        VerifiedClaims? claims = null;
        if ((Read(response, out var root, out var signatures) ?? Check(provider, root!, signatures, clock.GetCurrentInstant(), out claims)) is { } refusal)
        {
            return Refuse(provider.Arn, refusal);
        }

        return await UseAsync(claims!, cancellationToken).ConfigureAwait(false) is { } used ? Refuse(provider.Arn, used) : claims!.Identity;
    }

    public async ValueTask<StsResult<SamlIdentity[]>> ValidateEachAsync(
        IReadOnlyCollection<SamlProvider> providers, string response, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(providers);
        ArgumentNullException.ThrowIfNull(response);
        if (Read(response, out var root, out var signatures) is { } unreadable)
        {
            return Refuse(null, unreadable);
        }

        // Another issuer would be refused below, only dearer. What stands here unsigned can do no more than that.
        var claims = new List<VerifiedClaims>();
        StsError? first = null;
        foreach (var provider in providers.Where(each => SamlClaims.MayBeOf(each, root!)))
        {
            if (Check(provider, root!, signatures, clock.GetCurrentInstant(), out var verified) is { } refusal)
            {
                var error = Refuse(provider.Arn, refusal);
                first ??= error;
            }
            else
            {
                claims.Add(verified!);
            }
        }

        if (claims.Count == 0)
        {
            return first ?? Refuse(null, SamlRefusal.UnknownIssuer());
        }

        // One assertion, so one use, remembered for as long as any of them could accept it.
        var longest = claims.MaxBy(each => each.UsableUntil)!;
        return await UseAsync(longest, cancellationToken).ConfigureAwait(false) is { } used
            ? Refuse(longest.Identity.Federated.ProviderArn, used)
            : claims.Select(each => each.Identity).ToArray();
    }

    private async ValueTask<SamlRefusal?> UseAsync(VerifiedClaims claims, CancellationToken cancellationToken)
    {
        var key = GuardKey.Create(UsedAssertion, claims.Identity.Federated.Issuer, claims.Identity.AssertionId);
        switch (await replayGuard.TryUseAsync(key, claims.UsableUntil, cancellationToken).ConfigureAwait(false))
        {
            case UseResult.First:
                return null;
            case UseResult.Full:
                Telemetry.GuardFull(logger, "replay guard");
                return SamlRefusal.Invalid("the guard can remember the use");
            default:
                return SamlRefusal.Invalid("the assertion was not used before");
        }
    }

    /// <summary>Rules 1 to 4, and the answer of a provider that rejects.</summary>
    private static SamlRefusal? Read(string text, out XmlElement? response, out int signatures)
    {
        response = null;
        signatures = 0;

        // 1. Transport.
        if (text.Length is < MinLength or > MaxLength || !StrictBase64.TryDecode(text, out var bytes) || bytes.Length == 0)
        {
            return SamlRefusal.Invalid("the response is base64 of 4 to 100,000 characters");
        }

        // 2. to 4. Bytes, lexical rules, bounds.
        if (SamlDocument.Read(bytes, ref signatures, out var document) is { } unreadable)
        {
            return SamlRefusal.Invalid(unreadable);
        }

        response = document!.DocumentElement!;
        return RejectedBy(response);
    }

    private SamlRefusal? Check(SamlProvider provider, XmlElement response, int signatures, Instant now, out VerifiedClaims? claims)
    {
        claims = null;

        // 5. Shape.
        var shape = new SamlShape();
        if (shape.CheckResponse(response) is { } misshapen)
        {
            return SamlRefusal.Invalid(misshapen);
        }

        var encrypted = response["EncryptedAssertion", SamlNames.Assertion];
        if (encrypted is null ? provider.AssertionEncryptionMode == AssertionEncryptionMode.Required : provider.DecryptionKeys.IsEmpty)
        {
            return SamlRefusal.Invalid("the assertion is encrypted where it has to be, and only where there is a key for it");
        }

        // 6. and 7. Signatures and decryption: an outer signature before what it covers is decrypted.
        var keys = KeysOf(provider, now);
        if (Verify(response, keys, provider, out var signedResponse) is { } outer)
        {
            return outer;
        }

        DecryptedAssertion? decrypted = null;
        if (encrypted is not null)
        {
            var source = signedResponse?.Root["EncryptedAssertion", SamlNames.Assertion] ?? encrypted;
            decrypted = DecryptedAssertion.Open(source, provider.DecryptionKeys, shape, signatures, out var closed);
            if (decrypted is null)
            {
                return SamlRefusal.Signature(closed!);
            }
        }

        if (Verify(decrypted?.Root ?? response["Assertion", SamlNames.Assertion]!, keys, provider, out var signedAssertion) is { } inner)
        {
            return inner;
        }

        var assertion = signedAssertion is not null ? SignedAssertion.In(signedAssertion)
            : signedResponse is null ? null
            : decrypted is null ? SignedAssertion.In(signedResponse)
            : SignedAssertion.In(signedResponse, decrypted);
        if (assertion is null)
        {
            return SamlRefusal.Signature("the response or the assertion is signed");
        }

        // 8. and 9. Meaning, from the signed bytes.
        return SamlClaims.Read(assertion, response, signedResponse is not null, provider, options, now, out claims);
    }

    /// <summary>Whether the provider says that it did not authenticate anybody. Such an answer holds no assertion and often no signature, so it is told
    /// apart first; it can only refuse.</summary>
    private static SamlRefusal? RejectedBy(XmlElement response)
    {
        if (response is not { LocalName: "Response", NamespaceURI: SamlNames.Protocol })
        {
            return null;
        }

        var statuses = response.ChildElements("Status", SamlNames.Protocol).ToList();
        var codes = statuses is [var status] ? status.ChildElements("StatusCode", SamlNames.Protocol).ToList() : [];
        if (codes is not [var code] || !code.HasAttribute("Value"))
        {
            return null;
        }

        var nested = code.FirstChildElement();
        if (code.GetAttribute("Value") == SamlNames.Success && nested is null)
        {
            return null;
        }

        return SamlRefusal.Rejected($"the status is Success and nothing else, not {Printable(code)} {(nested is null ? "" : Printable(nested))}");
    }

    private static string Printable(XmlElement code) =>
        code.GetAttribute("Value") is { Length: <= MaxStatusLength } value && value.All(character => character is > ' ' and < '\u007f') ? value : "another";

    private static ImmutableArray<SamlSigningKey> KeysOf(SamlProvider provider, Instant now) =>
        !provider.EnforcesValidity ? provider.SigningKeys
            : provider.ValidUntil <= now ? []
            : [.. provider.SigningKeys.Where(key => key.IsValidAt(now))];

    /// <summary>Verifies the signature of an element, where it has one.</summary>
    private SamlRefusal? Verify(XmlElement element, ImmutableArray<SamlSigningKey> keys, SamlProvider provider, out SignedElement? signed)
    {
        signed = null;
        if (SamlSignature.Read(element, provider.AcceptsSha1, out var form) is { } misshapen)
        {
            return SamlRefusal.Signature(misshapen);
        }

        if (form is null)
        {
            return null;
        }

        signed = SignedElement.Verify(form, keys, out var broken);
        if (signed is null)
        {
            return SamlRefusal.Signature(provider.UnusedKeys.IsEmpty ? broken! : $"{broken}; of its metadata are not used: {string.Join("; ", provider.UnusedKeys)}");
        }

        if (form.UsesSha1)
        {
            Telemetry.Sha1Accepted(logger, provider.Arn.ToString());
        }

        return null;
    }

    private StsError Refuse(Arn? provider, SamlRefusal refusal)
    {
        if (logger.IsEnabled(LogLevel.Information))
        {
            Telemetry.SamlRefused(logger, provider?.ToString() ?? "no provider", refusal.Error.Code, refusal.Rule);
        }

        return refusal.Error;
    }
}
