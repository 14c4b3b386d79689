using System.Security.Cryptography;
using System.Text;

namespace TokenService.Tests.Tokens;

public sealed class MfaSecretSealerTests
{
    private const string Serial = "arn:aws:iam::111122223333:mfa/alice";
    private const string Base32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    private static readonly byte[] Plain = "12345678901234567890"u8.ToArray();

    private readonly RootKey _root = RootKey.Generate();
    private readonly MfaSecretSealer _sealer;

    public MfaSecretSealerTests() => _sealer = new MfaSecretSealer(new KeyRing(_root));

    [Fact]
    public void Sealed_secret_opens_to_what_it_was()
    {
        var device = _sealer.Seal(Serial, new Secret(Base32));
        (device.SerialNumber, device.Digits, device.Step, device.Algorithm).Should().Be((Serial, 6, Duration.FromSeconds(30), TotpAlgorithm.Sha1));
        TryOpen(_sealer, device, out var secret).Should().BeTrue();
        secret.Should().Equal(Plain);
        TryOpen(new MfaSecretSealer(new KeyRing(RootKey.Generate(), _root)), device, out _).Should().BeTrue("the ring has the key still");
    }

    [Fact]
    public void Dump_of_the_store_contains_no_secret_and_no_two_alike()
    {
        var device = _sealer.Seal(Serial, new Secret(Base32));
        var bytes = System.Buffers.Text.Base64Url.DecodeFromChars(device.SealedSecret);
        bytes.AsSpan().IndexOf(Plain.AsSpan(0, 4)).Should().Be(-1);
        Encoding.Latin1.GetString(bytes).Should().NotContain(Base32[..8]);
        device.SealedSecret.Should().NotContain(Base32[..8]).And.NotBe(_sealer.Seal(Serial, new Secret(Base32)).SealedSecret);
        device.ToString().Should().Be(Serial);
    }

    [Fact]
    public void Sealed_secret_is_worth_nothing_on_another_device()
    {
        var device = _sealer.Seal(Serial, new Secret(Base32));
        TryOpen(_sealer, new MfaDevice("arn:aws:iam::111122223333:mfa/bob", device.SealedSecret), out _).Should().BeFalse();
    }

    [Fact]
    public void Sealed_secret_is_worth_nothing_to_another_ring()
    {
        var device = _sealer.Seal(Serial, new Secret(Base32));
        TryOpen(new MfaSecretSealer(KeyRing.Ephemeral()), device, out _).Should().BeFalse();
        Span<byte> other = stackalloc byte[RootKey.Size];
        TryOpen(new MfaSecretSealer(new KeyRing(new RootKey(_root.Id, other))), device, out _).Should().BeFalse("the same id does not make the same key");
    }

    [Fact]
    public void Secret_of_a_device_that_is_being_enrolled_verifies_nothing()
    {
        var pending = _sealer.Seal(Serial, Plain, MfaSecretState.Pending);
        _sealer.TryOpen(Serial, pending, MfaSecretState.Pending, out _).Should().BeTrue();
        _sealer.TryOpen(Serial, pending, MfaSecretState.Active, out _).Should().BeFalse();
        var bytes = System.Buffers.Text.Base64Url.DecodeFromChars(pending);
        bytes[1] = (byte)MfaSecretState.Active;
        _sealer.TryOpen(Serial, System.Buffers.Text.Base64Url.EncodeToString(bytes), MfaSecretState.Active, out _).Should().BeFalse();
    }

    [Fact]
    public void Any_changed_bit_and_any_other_length_is_refused()
    {
        var bytes = System.Buffers.Text.Base64Url.DecodeFromChars(_sealer.Seal(Serial, new Secret(Base32)).SealedSecret);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Opens(bytes).Should().BeFalse();
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        for (var length = 1; length < bytes.Length; length++)
        {
            Opens(bytes[..length]).Should().BeFalse();
        }

        Opens([.. bytes, 0]).Should().BeFalse();
        Opens(new byte[4096]).Should().BeFalse();
        Opens(bytes).Should().BeTrue();
    }

    [Theory]
    [InlineData("not base64 at all !")]
    [InlineData("ä")]
    [InlineData("A")]
    public void Text_that_was_never_sealed_is_refused_and_not_thrown(string text) =>
        _sealer.TryOpen(Serial, text, MfaSecretState.Active, out _).Should().BeFalse();

    [Theory]
    [InlineData("GEZDGNBVGY3TQOJQGEZDGNBVGY", true)]
    [InlineData("GEZDGNBVGY3TQOJQGEZDGNBVG", false)]
    [InlineData("gezdgnbvgy3tqojqgezdgnbvgy3tqojq", true)]
    [InlineData("GEZDGNBVGY3TQOJQGEZDGNBVGY======", true)]
    [InlineData("GEZDGNBVGY3TQOJQGEZDGNBVGY=====A", false)]
    [InlineData("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ0", false)]
    [InlineData("GEZDGNBVGY3TQOJQ GEZDGNBVGY3TQOJQ", false)]
    [InlineData("====", false)]
    public void Secret_in_clear_is_base32_of_at_least_128_bits(string base32, bool isOne)
    {
        var sealing = () => _sealer.Seal(Serial, new Secret(base32));
        if (isOne)
        {
            TryOpen(_sealer, sealing(), out var secret).Should().BeTrue();
            secret.Should().HaveCount(base32.TrimEnd('=').Length * 5 / 8);
        }
        else
        {
            sealing.Should().Throw<FormatException>().Which.Message.Should().NotContain(base32);
        }
    }

    [Fact]
    public void Renewed_device_is_under_the_current_key_and_the_old_one_can_go()
    {
        var newer = RootKey.Generate();
        var rotated = new MfaSecretSealer(new KeyRing(newer, _root));
        var device = _sealer.Seal(Serial, new Secret(Base32)) with { Algorithm = TotpAlgorithm.Sha256, Digits = 8, Step = Duration.FromSeconds(60) };
        var renewed = rotated.Renew(device);
        renewed.Should().Be(new MfaDevice(Serial, renewed.SealedSecret) { Algorithm = TotpAlgorithm.Sha256, Digits = 8, Step = Duration.FromSeconds(60) });
        rotated.Renew(renewed).Should().BeSameAs(renewed);
        TryOpen(new MfaSecretSealer(new KeyRing(newer)), renewed, out var secret).Should().BeTrue();
        secret.Should().Equal(Plain);
        TryOpen(new MfaSecretSealer(new KeyRing(newer)), device, out _).Should().BeFalse();
        FluentActions.Invoking(() => new MfaSecretSealer(new KeyRing(newer)).Renew(device)).Should().Throw<CryptographicException>();
    }

    [Fact]
    public void Key_that_the_ring_drops_goes_on_opening_in_the_process_that_sealed_with_it()
    {
        var ring = new ChangingRing(_root);
        var sealer = new MfaSecretSealer(ring);
        var device = sealer.Seal(Serial, new Secret(Base32));
        ring.Current = RootKey.Generate();
        TryOpen(sealer, device, out _).Should().BeTrue();
        TryOpen(new MfaSecretSealer(ring), device, out _).Should().BeFalse();
    }

    [Theory]
    [InlineData("12345678", false)]
    [InlineData("123456789", true)]
    [InlineData("with blank", false)]
    public void Serial_number_has_its_form(string serial, bool isOne)
    {
        var make = () => new MfaDevice(serial, "sealed");
        if (isOne)
        {
            make.Should().NotThrow();
        }
        else
        {
            make.Should().Throw<ArgumentException>();
        }

        FluentActions.Invoking(() => new MfaDevice(new string('a', 257), "sealed")).Should().Throw<ArgumentException>();
        new MfaDevice(new string('a', 256), "sealed").SerialNumber.Should().HaveLength(256);
    }

    [Fact]
    public void Device_that_cannot_be_is_refused()
    {
        var device = new MfaDevice(Serial, "sealed");
        foreach (var digits in new[] { 5, 9 })
        {
            FluentActions.Invoking(() => device with { Digits = digits }).Should().Throw<ArgumentOutOfRangeException>();
        }

        foreach (var step in new[] { Duration.FromSeconds(9), Duration.FromSeconds(301), Duration.FromSeconds(30.5) })
        {
            FluentActions.Invoking(() => device with { Step = step }).Should().Throw<ArgumentOutOfRangeException>();
        }

        FluentActions.Invoking(() => device with { Algorithm = (TotpAlgorithm)3 }).Should().Throw<ArgumentOutOfRangeException>();
    }

    private static bool TryOpen(MfaSecretSealer sealer, MfaDevice device, out byte[]? secret) =>
        sealer.TryOpen(device.SerialNumber, device.SealedSecret, MfaSecretState.Active, out secret);

    private bool Opens(byte[] bytes) => _sealer.TryOpen(Serial, System.Buffers.Text.Base64Url.EncodeToString(bytes), MfaSecretState.Active, out _);

    private sealed class ChangingRing(RootKey current) : IKeyRing
    {
        public RootKey Current { get; set; } = current;

        public RootKey? Find(uint id) => Current.Id == id ? Current : null;
    }
}
