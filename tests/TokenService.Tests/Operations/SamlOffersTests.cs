using TokenService.Testing;
using TokenService.Tests.Federation.Saml;

namespace TokenService.Tests.Operations;

/// <summary>Sign-in of a person: a response becomes an offer, of which one role is picked once, within five minutes.</summary>
public sealed class SamlOffersTests : IDisposable
{
    private const string Invalid = "InvalidIdentityToken";
    private const string Away = "arn:aws:iam::444455556666:saml-provider/corp";

    private readonly TestHost _host = TestHost.WithSaml();
    private readonly SamlProvider[] _providers;
    private readonly Role _reader;
    private readonly Role _writer;

    public SamlOffersTests()
    {
        _providers = [IdentityProvider.Trusted.Register(_host.Home), IdentityProvider.Trusted.Register(_host.Away)];
        foreach (var provider in _providers)
        {
            _host.Store.Put(provider);
        }

        _reader = AddRole("Reader", Responses.Provider, _host.Home);
        _writer = AddRole("Writer", Away, _host.Away);
    }

    public void Dispose() => _host.Dispose();

    private SamlOffers Offers => _host.Get<SamlOffers>();

    [Fact]
    public async Task Roles_of_every_account_that_trusts_the_provider_are_offered_and_the_one_that_is_picked_is_given()
    {
        var offer = await OfferAsync();
        (offer.Subject, offer.ExpiresAt).Should().Be(("alice@idp.example", TestHost.Start + Duration.FromMinutes(5)));
        offer.Roles.Should().Equal(new SamlRole(_reader.Arn.ToString(), Responses.Provider), new SamlRole(_writer.Arn.ToString(), Away));
        var given = (await PickAsync(offer, _writer, Away)).Value;
        given.AssumedRoleUser.Arn.ToString().Should().Be("arn:aws:sts::444455556666:assumed-role/Writer/alice");
        (given.Subject, given.SubjectType, given.Issuer, given.SourceIdentity).Should().Be(("alice@idp.example", "persistent", IdentityProvider.EntityId, "alice.s"));
        var session = (await _host.CallerAsync(given.Credentials)).Session!;
        session.Tags.Should().Equal(new SessionTag("Team", "blue", true));
        (session.ExpiresAt - session.IssuedAt).Should().Be(Duration.FromMinutes(30));
        (session.FederatedProvider, session.FederatedSubject).Should().Be((Away, "alice@idp.example"));
    }

    /// <summary>What an operation answers and what a person gets are the same, for the same response.</summary>
    [Fact]
    public async Task Session_is_the_one_that_AssumeRoleWithSAML_gives()
    {
        var direct = (await _host.Issuer.AssumeRoleWithSamlAsync(new AssumeRoleWithSamlRequest
        {
            RoleArn = _reader.Arn.ToString(),
            PrincipalArn = Responses.Provider,
            SamlAssertion = IdentityProvider.Trusted.Sign(Content()),
        })).Value;
        var picked = (await PickAsync(await OfferAsync(), _reader, Responses.Provider)).Value;
        picked.Should().BeEquivalentTo(direct, options => options.Excluding(each => each.Credentials).Excluding(each => each.SessionTokenSize));
        var (one, other) = ((await _host.CallerAsync(direct.Credentials)).Session!, (await _host.CallerAsync(picked.Credentials)).Session!);
        other.FederatedKeys.Should().Equal(one.FederatedKeys);
        (other.Name, other.ExpiresAt, other.SourceIdentity).Should().Be((one.Name, one.ExpiresAt, one.SourceIdentity));
    }

    [Fact]
    public async Task Provider_that_is_not_among_those_of_the_host_offers_nothing()
    {
        (await Offers.ReceiveAsync([_providers[0]], Response())).Value.Roles.Should().ContainSingle().Which.ProviderArn.Should().Be(Responses.Provider);
        (await Offers.ReceiveAsync([], Response())).Error!.Code.Should().Be(Invalid);
        var stranger = new SamlProvider(_host.Home, "other", IdentityProvider.Metadata("https://other.example", IdentityProvider.Trusted.CertificatePem));
        (await Offers.ReceiveAsync([stranger], Response())).Error!.Message.Should().Be("Issuer not present in specified provider");
    }

    [Fact]
    public async Task Provider_whose_key_is_another_offers_nothing_beside_one_that_accepts()
    {
        var other = IdentityProvider.Stranger.Register(_host.Away);
        (await Offers.ReceiveAsync([_providers[0], other], Response())).Value.Roles.Should().Equal(new SamlRole(_reader.Arn.ToString(), Responses.Provider));
        (await Offers.ReceiveAsync([other], Response())).Error!.Code.Should().Be(Invalid);
    }

    [Fact]
    public async Task Response_is_used_up_when_it_is_received()
    {
        var response = Response();
        (await Offers.ReceiveAsync(_providers, response)).IsSuccess.Should().BeTrue();
        (await Offers.ReceiveAsync(_providers, response)).Error!.Code.Should().Be(Invalid);
        (await _host.Issuer.AssumeRoleWithSamlAsync(new AssumeRoleWithSamlRequest
        {
            RoleArn = _reader.Arn.ToString(),
            PrincipalArn = Responses.Provider,
            SamlAssertion = response,
        })).Error!.Code.Should().Be(Invalid);
    }

    [Fact]
    public async Task Response_without_a_role_offers_none()
    {
        (await Offers.ReceiveAsync(_providers, IdentityProvider.Trusted.Sign(Content().Without("Role")))).Error!.Code.Should().Be("AccessDenied");
        (await Offers.ReceiveAsync(_providers, "AAAA")).Error!.Code.Should().Be(Invalid);
    }

    [Fact]
    public async Task Offer_gives_one_session_whatever_role_is_picked()
    {
        var offer = await OfferAsync();
        (await PickAsync(offer, _reader, Responses.Provider)).IsSuccess.Should().BeTrue();
        (await PickAsync(offer, _reader, Responses.Provider)).Error!.Code.Should().Be(Invalid);
        (await PickAsync(offer, _writer, Away)).Error!.Code.Should().Be(Invalid);
    }

    [Fact]
    public async Task Offer_that_is_picked_from_many_times_at_once_gives_one_session()
    {
        var offer = await OfferAsync();
        var picks = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => PickAsync(offer, _reader, Responses.Provider))));
        picks.Count(pick => pick.IsSuccess).Should().Be(1);
    }

    [Fact]
    public async Task Offer_is_good_for_five_minutes()
    {
        var (early, late) = (await OfferAsync(), await OfferAsync());
        _host.Clock.Advance(SamlOffers.Lifetime - Duration.Epsilon);
        (await PickAsync(early, _reader, Responses.Provider)).IsSuccess.Should().BeTrue();
        _host.Clock.Advance(Duration.Epsilon);
        (await PickAsync(late, _reader, Responses.Provider)).Error!.Code.Should().Be("ExpiredTokenException");
    }

    [Fact]
    public async Task Offer_that_was_changed_anywhere_is_none()
    {
        var offer = await OfferAsync();
        var text = offer.Text.Reveal();
        for (var index = 0; index < text.Length; index += Math.Max(1, text.Length / 100))
        {
            var changed = string.Concat(text.AsSpan(0, index), text[index] == 'A' ? "B" : "A", text.AsSpan(index + 1));
            (await Offers.PickAsync(changed, _reader.Arn.ToString(), Responses.Provider)).Error!.Code.Should().Be(Invalid);
        }

        foreach (var wrong in new[] { "", "A", text[..^4], text + "AAAA", new string('A', 300_000), offer.Text.ToString() })
        {
            (await Offers.PickAsync(wrong, _reader.Arn.ToString(), Responses.Provider)).Error!.Code.Should().Be(Invalid);
        }

        (await PickAsync(offer, _reader, Responses.Provider)).IsSuccess.Should().BeTrue("nothing of that used it up");
    }

    [Fact]
    public async Task Offer_of_another_service_is_none()
    {
        using var other = TestHost.WithSaml();
        var offer = await OfferAsync();
        other.Store.Put(_providers[0]);
        (await other.Get<SamlOffers>().PickAsync(offer.Text.Reveal(), _reader.Arn.ToString(), Responses.Provider)).Error!.Code.Should().Be(Invalid);
    }

    [Theory]
    [InlineData("arn:aws:iam::111122223333:role/staff/Other", Responses.Provider)]
    [InlineData("arn:aws:iam::111122223333:role/staff/Reader", Away)]
    [InlineData("arn:aws:iam::111122223333:role/staff/Reader", "")]
    [InlineData("", "")]
    [InlineData("*", "*")]
    public async Task Role_that_was_not_offered_with_the_provider_is_denied_and_leaves_the_offer(string role, string provider)
    {
        AddRole("Other", Responses.Provider, _host.Home);
        var offer = await OfferAsync();
        (await Offers.PickAsync(offer.Text.Reveal(), role, provider)).Error!.Code.Should().Be("AccessDenied");
        (await PickAsync(offer, _reader, Responses.Provider)).IsSuccess.Should().BeTrue();
    }

    [Fact]
    public async Task Trust_policy_decides_when_the_role_is_picked()
    {
        var offer = await OfferAsync();
        _host.Store.Put(_reader with { TrustPolicy = TestPolicy.Trust(_providers[0], "mallory") });
        (await PickAsync(offer, _reader, Responses.Provider)).Error!.Message.Should().Be("Not authorized to perform sts:AssumeRoleWithSAML");
        (await PickAsync(offer, _reader, Responses.Provider)).Error!.Code.Should().Be(Invalid, "a denial uses it up");
    }

    [Fact]
    public async Task Provider_that_was_removed_or_replaced_vouches_for_nobody()
    {
        var (first, second) = (await OfferAsync(), await OfferAsync());
        _host.Store.Put(new SamlProvider(_host.Home, "corp", IdentityProvider.Metadata("https://other.example", IdentityProvider.Trusted.CertificatePem)));
        (await PickAsync(first, _reader, Responses.Provider)).Error!.Code.Should().Be(Invalid);
        _host.Store.RemoveSamlProvider(_host.Home.Id, "corp");
        (await PickAsync(second, _reader, Responses.Provider)).Error!.Code.Should().Be(Invalid);
    }

    [Fact]
    public async Task Session_ends_with_that_of_the_provider()
    {
        var end = TestHost.Start + Duration.FromMinutes(20);
        var response = IdentityProvider.Trusted.Sign(Content().Without("SessionDuration") with { Authentication = SamlResponse.Authenticated(TestHost.Start, end) });
        var offer = (await Offers.ReceiveAsync(_providers, response)).Value;
        (await PickAsync(offer, _reader, Responses.Provider)).Value.Credentials.Expiration.Should().Be(end);
    }

    [Fact]
    public async Task Operator_learns_of_a_pick_that_is_refused_and_the_log_has_no_offer()
    {
        var offer = await OfferAsync();
        await Offers.PickAsync(offer.Text.Reveal() + "AAAA", _reader.Arn.ToString(), Responses.Provider);
        _host.Log.Entries.Should().Contain(entry => entry.Text.Contains("the offer is none of this service's", StringComparison.Ordinal));
        _host.Log.Entries.Should().NotContain(entry => entry.Text.Contains(offer.Text.Reveal(), StringComparison.Ordinal));
        offer.ToString().Should().NotContain(offer.Text.Reveal());
    }

    private static SamlResponse Content() => Responses.Good().Without("Role")
        .With("Role", $"{Responses.Role},{Responses.Provider}", $"arn:aws:iam::444455556666:role/staff/Writer,{Away}", "arn:aws:iam::777788889999:role/None,arn:aws:iam::777788889999:saml-provider/none")
        .With("PrincipalTag:Team", "blue").With("TransitiveTagKeys", "Team").With("SourceIdentity", "alice.s").With("SessionDuration", "1800");

    private static string Response() => IdentityProvider.Trusted.Sign(Content());

    private async Task<SamlOffer> OfferAsync() => (await Offers.ReceiveAsync(_providers, Response())).Value;

    private Task<StsResult<AssumeRoleWithSamlResponse>> PickAsync(SamlOffer offer, Role role, string provider) =>
        Offers.PickAsync(offer.Text.Reveal(), role.Arn.ToString(), provider).AsTask();

    private Role AddRole(string name, string provider, Account account) => _host.AddRole(
        name,
        $$"""
        {"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"{{provider}}"},
         "Action":["sts:AssumeRoleWithSAML","sts:TagSession","sts:SetSourceIdentity"],"Condition":{"StringEquals":{"saml:sub":"alice@idp.example"} } } }
        """,
        account: account,
        path: "/staff/");
}
