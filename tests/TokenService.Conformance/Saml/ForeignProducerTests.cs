using System.Text;
using Microsoft.Extensions.DependencyInjection;
using TokenService.Testing;

namespace TokenService.Conformance;

/// <summary>Responses of programs that others wrote, made while the test runs: each is accepted with exactly what it was asked to say, and refused once
/// anything of it was changed. Their clock is the real one.</summary>
public sealed class ForeignProducerTests : IClassFixture<ForeignProducerTests.Trust>
{
    private const string Prefix = SamlResponse.AttributePrefix;
    private const string Gcm = SamlEncryption.Xenc11 + "aes256-gcm";
    private const string Cbc = SamlEncryption.Xenc + "aes256-cbc";
    private const string Invalid = "InvalidIdentityToken";
    private const string Absent = "is not on this machine: nothing to run";

    private static readonly Dictionary<string, string[]> Attributes = new(StringComparer.Ordinal)
    {
        [Prefix + "Role"] =
        [
            "arn:aws:iam::111122223333:role/staff/Reader,arn:aws:iam::111122223333:saml-provider/corp",
            "arn:aws:iam::444455556666:saml-provider/corp,arn:aws:iam::444455556666:role/Writer",
        ],
        [Prefix + "RoleSessionName"] = ["alice"],
        [Prefix + "SessionDuration"] = ["1800"],
        [Prefix + "PrincipalTag:Team"] = ["blå"],
        [Prefix + "PrincipalTag:Cost"] = ["4 2"],
        [Prefix + "TransitiveTagKeys"] = ["Team"],
        [Prefix + "SourceIdentity"] = ["alice.s"],
        ["urn:oid:1.3.6.1.4.1.5923.1.1.1.1"] = ["staff", "member"],
        ["department"] = ["<R&D>"],
    };

    private readonly Trust _trust;

    public ForeignProducerTests(Trust trust) => _trust = trust;

    /// <summary>The service, and a provider whose key the producers sign with.</summary>
    public sealed class Trust : IDisposable
    {
        private readonly ServiceProvider _services;

        public Trust()
        {
            var services = new ServiceCollection();
            services.AddTemporaryCredentials().AddSaml();
            _services = services.BuildServiceProvider();
            Registered = Provider.Describe(new Account("111122223333"));
        }

        internal FakeSamlProvider Provider { get; } = new(SystemClock.Instance);

        internal SamlProvider Registered { get; }

        internal ISamlValidator Validator => _services.GetRequiredService<ISamlValidator>();

        public void Dispose()
        {
            _services.Dispose();
            Provider.Dispose();
        }
    }

    /// <summary>Each producer with each kind of signature and of encryption that it can make, or one line that says that it is missing.</summary>
    public static TheoryData<string, SamlSigning, string?> Orders
    {
        get
        {
            var orders = new TheoryData<string, SamlSigning, string?>();
            foreach (var producer in SamlProducer.All)
            {
                if (!producer.IsThere)
                {
                    orders.Add($"{producer.Name} {Absent}", SamlSigning.None, null);
                    continue;
                }

                // pysaml2 of this age encrypts with Triple DES alone, which is off: below.
                foreach (var encryption in producer == SamlProducer.PySaml2 ? [null] : new[] { null, Gcm, Cbc })
                {
                    orders.Add(producer.Name, SamlSigning.Assertion, encryption);
                    orders.Add(producer.Name, SamlSigning.Response, encryption);
                    orders.Add(producer.Name, SamlSigning.Both, encryption);
                }
            }

            return orders;
        }
    }

    public static TheoryData<string> OldEncryption => [SamlProducer.PySaml2.IsThere ? SamlProducer.PySaml2.Name : $"{SamlProducer.PySaml2.Name} {Absent}"];

    [Theory, MemberData(nameof(Orders))]
    public async Task Response_of_another_program_says_exactly_what_it_was_asked_to(string producer, SamlSigning what, string? encryption)
    {
        if (producer.EndsWith(Absent, StringComparison.Ordinal))
        {
            return;
        }

        var response = await SamlProducer.All.Single(each => each.Name == producer).IssueAsync(new SamlOrder(_trust.Provider, Attributes, what, encryption));
        foreach (var (change, changed) in Changes(Encoding.UTF8.GetString(Convert.FromBase64String(response))))
        {
            (await ValidateAsync(changed)).Error?.Code.Should().Be(Invalid, change);
        }

        var identity = (await ValidateAsync(response)).Value;
        var federated = identity.Federated;
        (federated.Subject, federated.Issuer, federated.Audience, federated.SourceIdentity)
            .Should().Be((SamlOrder.Subject, FakeSamlProvider.DefaultEntityId, FakeSamlProvider.DefaultRecipient, "alice.s"));
        (identity.RoleSessionName, identity.SubjectType, identity.SessionDuration, identity.SessionNotOnOrAfter).Should().Be(("alice", "persistent", 1800, null));
        identity.Roles.Should().Equal(
            new SamlRole("arn:aws:iam::111122223333:role/staff/Reader", "arn:aws:iam::111122223333:saml-provider/corp"),
            new SamlRole("arn:aws:iam::444455556666:role/Writer", "arn:aws:iam::444455556666:saml-provider/corp"));
        federated.Roles!.Value.Should().Equal("arn:aws:iam::111122223333:role/staff/Reader");
        federated.Tags.Should().BeEquivalentTo([new Tag("Team", "blå"), new Tag("Cost", "4 2")]);
        federated.TransitiveTagKeys.Should().Equal("Team");
        federated.Keys.Where(key => key.Key == "saml:edupersonaffiliation").Select(key => key.Value).Should().Equal("staff", "member");
        (await ValidateAsync(response)).Error?.Code.Should().Be(Invalid, "it was used");
    }

    [Theory, MemberData(nameof(OldEncryption))]
    public async Task Encryption_with_Triple_DES_is_refused(string producer)
    {
        if (producer.EndsWith(Absent, StringComparison.Ordinal))
        {
            return;
        }

        var response = await SamlProducer.PySaml2.IssueAsync(new SamlOrder(_trust.Provider, Attributes, SamlSigning.Both, "what the program has"));
        Encoding.UTF8.GetString(Convert.FromBase64String(response)).Should().Contain("xmlenc#tripledes-cbc");
        (await ValidateAsync(response)).Error?.Code.Should().Be(Invalid);
    }

    /// <summary>The response with one change each; a change that finds nothing to change is none.</summary>
    private static IEnumerable<(string Change, string Response)> Changes(string xml)
    {
        (string, string)[] changes =
        [
            (SamlOrder.Subject + "<", "mallory@corp.example<"), ("role/staff/Reader", "role/staff/Admin"), (">alice<", ">mallory<"), (">1800<", ">43200<"),
            ("DigestValue>", "DigestValue>AAAA"), ("SignatureValue>", "SignatureValue>AAAA"), ("CipherValue>", "CipherValue>AAAA"),
        ];
        var made = changes.Select(change => (change.Item2, Changed: xml.Replace(change.Item1, change.Item2, StringComparison.Ordinal))).Where(change => change.Changed != xml).ToList();
        made.Count.Should().BeGreaterThan(0);
        return made.Select(change => (change.Item2, FakeSamlProvider.Encode(change.Changed)));
    }

    private Task<StsResult<SamlIdentity>> ValidateAsync(string response) => _trust.Validator.ValidateAsync(_trust.Registered, response).AsTask();
}
