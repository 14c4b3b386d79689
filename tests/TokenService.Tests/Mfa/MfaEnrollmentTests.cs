using OtpNet;

namespace TokenService.Tests.Mfa;

public sealed class MfaEnrollmentTests : IDisposable
{
    private readonly MfaBench _bench = new();

    private MfaEnrollment Enrollment => _bench.Host.Get<MfaEnrollment>();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData(TotpAlgorithm.Sha1, 32, "SHA1")]
    [InlineData(TotpAlgorithm.Sha256, 52, "SHA256")]
    [InlineData(TotpAlgorithm.Sha512, 103, "SHA512")]
    public void Offer_shows_the_secret_as_text_and_as_an_otpauth_address(TotpAlgorithm algorithm, int characters, string name)
    {
        var offer = Enrollment.Begin(_bench.Bob, "bobs-phone", "Example", algorithm: algorithm);
        var secret = offer.Base32Secret.Reveal();
        secret.Should().HaveLength(characters).And.MatchRegex("^[A-Z2-7]+$");
        offer.Device.SerialNumber.Should().Be("arn:aws:iam::111122223333:mfa/bobs-phone");
        offer.Uri.Reveal().Should().Be(
            $"otpauth://totp/Example:bob%40111122223333?secret={secret}&issuer=Example&algorithm={name}&digits=6&period=30");
        Enrollment.Begin(_bench.Bob, "bobs-phone", "Example", algorithm: algorithm).Base32Secret.Should().NotBe(offer.Base32Secret);
    }

    [Fact]
    public void Names_in_the_address_are_escaped()
    {
        var uri = Enrollment.Begin(_bench.Bob, "d", "Smith & Söhne/?#=+", "bob smith+work@example.org").Uri.Reveal();
        uri.Should().StartWith("otpauth://totp/Smith%20%26%20S%C3%B6hne%2F%3F%23%3D%2B:bob%20smith%2Bwork%40example.org?secret=")
            .And.Contain("&issuer=Smith%20%26%20S%C3%B6hne%2F%3F%23%3D%2B&");
        new Uri(uri).Query.Split('&').Should().HaveCount(5);
    }

    [Theory]
    [InlineData("", "Example", null)]
    [InlineData("a b", "Example", null)]
    [InlineData("phone", "", null)]
    [InlineData("phone", "Ex:ample", null)]
    [InlineData("phone", "Example", "")]
    [InlineData("phone", "Example", "a:b")]
    public void Names_that_cannot_be_are_refused(string device, string issuer, string? label) =>
        FluentActions.Invoking(() => Enrollment.Begin(_bench.Bob, device, issuer, label)).Should().Throw<ArgumentException>();

    [Fact]
    public void Printing_an_offer_shows_no_secret()
    {
        var offer = Enrollment.Begin(_bench.Bob, "phone", "Example");
        offer.ToString().Should().NotContain(offer.Base32Secret.Reveal()).And.NotContain("otpauth").And.NotContain(offer.Device.SealedSecret);
    }

    [Theory]
    [InlineData(-1, 0, true)]
    [InlineData(0, 1, true)]
    [InlineData(-2, -1, true)]
    [InlineData(-3, -2, false)]
    [InlineData(1, 2, false)]
    [InlineData(0, 0, false)]
    [InlineData(-1, -1, false)]
    [InlineData(0, -1, false)]
    [InlineData(1, 0, false)]
    [InlineData(-1, 1, false)]
    [InlineData(-2, 0, false)]
    public async Task Device_is_activated_by_two_codes_in_a_row(int first, int second, bool activated)
    {
        var offer = Enrollment.Begin(_bench.Bob, "phone", "Example");
        var result = await Enrollment.ActivateAsync(_bench.Bob, offer.Device, Code(offer, first), Code(offer, second));
        result.IsSuccess.Should().Be(activated);
        if (activated)
        {
            result.Value.SerialNumber.Should().Be(offer.Device.SerialNumber);
        }
        else
        {
            result.Error.Should().Be(StsError.AccessDenied(MfaBench.WrongCode));
        }
    }

    [Theory, InlineData(TotpAlgorithm.Sha1), InlineData(TotpAlgorithm.Sha256), InlineData(TotpAlgorithm.Sha512)]
    public async Task Activated_device_verifies_codes_though_not_those_that_activated_it(TotpAlgorithm algorithm)
    {
        var offer = Enrollment.Begin(_bench.Bob, "phone", "Example", algorithm: algorithm);
        var device = (await Enrollment.ActivateAsync(_bench.Bob, offer.Device, Code(offer, -1), Code(offer, 0))).Value;
        device.Algorithm.Should().Be(algorithm);
        var bob = _bench.Bob with { MfaDevices = [device] };
        foreach (var (steps, counts) in new[] { (-1, false), (0, false), (1, true), (1, false) })
        {
            (await _bench.VerifyAsync(bob, device.SerialNumber, Code(offer, steps)) is null).Should().Be(counts, "{0} steps from now", steps);
        }
    }

    [Fact]
    public async Task Device_is_activated_once()
    {
        var offer = Enrollment.Begin(_bench.Bob, "phone", "Example");
        (await Enrollment.ActivateAsync(_bench.Bob, offer.Device, Code(offer, -1), Code(offer, 0))).IsSuccess.Should().BeTrue();
        (await Enrollment.ActivateAsync(_bench.Bob, offer.Device, Code(offer, -1), Code(offer, 0))).IsSuccess.Should().BeFalse();
    }

    [Fact]
    public async Task Device_that_was_not_activated_verifies_nothing()
    {
        var offer = Enrollment.Begin(_bench.Bob, "phone", "Example");
        var bob = _bench.Bob with { MfaDevices = [new MfaDevice(offer.Device.SerialNumber, offer.Device.SealedSecret)] };
        (await _bench.VerifyAsync(bob, offer.Device.SerialNumber, Code(offer, 0)))!.Message.Should().Be(MfaBench.WrongCode);
    }

    [Fact]
    public async Task Device_that_was_not_kept_unchanged_is_refused()
    {
        var offer = Enrollment.Begin(_bench.Bob, "phone", "Example");
        foreach (var changed in new[]
        {
            offer.Device with { SerialNumber = MfaBench.AlicesSerial },
            offer.Device with { SealedSecret = offer.Device.SealedSecret[..^1] },
            offer.Device with { SealedSecret = _bench.Alice.MfaDevices[0].SealedSecret, SerialNumber = MfaBench.AlicesSerial },
            offer.Device with { Algorithm = TotpAlgorithm.Sha512 },
        })
        {
            (await Enrollment.ActivateAsync(_bench.Bob, changed, Code(offer, -1), Code(offer, 0))).Error!.Code.Should().Be("AccessDenied");
        }
    }

    /// <summary>The code that an app which scanned the address shows so many steps from the running one.</summary>
    private string Code(MfaEnrollmentOffer offer, int steps)
    {
        var mode = offer.Device.Algorithm switch
        {
            TotpAlgorithm.Sha256 => OtpHashMode.Sha256,
            TotpAlgorithm.Sha512 => OtpHashMode.Sha512,
            _ => OtpHashMode.Sha1,
        };
        var shown = new Totp(Base32Encoding.ToBytes(offer.Base32Secret.Reveal()), 30, mode);
        return shown.ComputeTotp((_bench.Host.Clock.GetCurrentInstant() + Duration.FromSeconds(30 * steps)).ToDateTimeUtc());
    }
}
