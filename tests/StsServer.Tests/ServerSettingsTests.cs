using Microsoft.Extensions.Configuration;

namespace StsServer.Tests;

public sealed class ServerSettingsTests
{
    [Fact]
    public void Nothing_said_is_the_shipped_seed_and_the_default_address()
    {
        var settings = Read();
        settings.LoadSeed().Directory.Should().NotBeNull();
        settings.Faults.Should().BeEmpty();
        settings.IsShippedSeed.Should().BeTrue();
        settings.NeedsDefaultUrl.Should().BeTrue();
        settings.KeyRingFile.Should().BeNull();
    }

    [Fact]
    public void All_faults_are_told_together_by_name_and_place()
    {
        var settings = Read("--seed", "nowhere.json", "--keys", "no/such/folder/ring.json", "--urls", "http://127.0.0.1:5080;nonsense", "--sed=x", "stray");
        settings.LoadSeed();
        settings.Faults.Should().HaveCount(5);
        settings.Faults.Should().Contain(fault => fault.StartsWith("seed (command line): ", StringComparison.Ordinal));
        settings.Faults.Should().Contain(fault => fault.StartsWith("keys (command line): ", StringComparison.Ordinal));
        settings.Faults.Should().Contain(fault => fault.StartsWith("urls (command line): 'nonsense'", StringComparison.Ordinal));
        settings.Faults.Should().Contain(fault => fault.StartsWith("--sed (command line): unknown", StringComparison.Ordinal));
        settings.Faults.Should().Contain(fault => fault.StartsWith("stray (command line): ", StringComparison.Ordinal));
    }

    [Fact]
    public void Key_ring_that_cannot_be_read_is_told_with_the_other_faults()
    {
        using var folder = new Folder();
        var settings = Read("--seed=nowhere.json", $"--keys={folder.Write("ring.json", "nonsense")}");
        settings.LoadSeed();
        settings.Faults.Should().HaveCount(2).And.ContainSingle(fault => fault.StartsWith("keys (command line): ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--seed")]
    [InlineData("--keys")]
    public void Option_without_its_value_is_a_fault(string option) =>
        Read(option).Faults.Should().ContainSingle().Which.Should().StartWith($"{option} (command line): its value is missing");

    [Theory]
    [InlineData("--seed=")]
    [InlineData("--keys= ")]
    public void Empty_path_is_a_fault(string option) => Read(option).Faults.Should().ContainSingle().Which.Should().EndWith("a path is expected");

    [Theory]
    [InlineData("http://127.0.0.1:0", true)]
    [InlineData("https://*:5443", true)]
    [InlineData("ftp://127.0.0.1", false)]
    [InlineData("http://127.0.0.1:5080/sts", false)]
    [InlineData(";", false)]
    public void Addresses_are_those_that_a_server_can_listen_on(string urls, bool valid) =>
        Read($"--urls={urls}").Faults.Should().HaveCount(valid ? 0 : 1);

    [Theory]
    [InlineData("", "http://127.0.0.1:5080")]
    [InlineData("--urls=http://127.0.0.1:0", null)]
    [InlineData("--urls=http://127.0.0.1:5090;https://sts.example", "http://127.0.0.1:5090")]
    [InlineData("--urls=https://sts.example:5443", "https://sts.example:5443")]
    [InlineData("--urls=http://192.0.2.1:5080", null)]
    [InlineData("--urls=https://*:5443", null)]
    [InlineData("--urls=http://127.0.0.1:0 --public-address=https://sts.example", "https://sts.example")]
    public void Public_address_is_the_hosts_own_unless_another_is_said(string arguments, string? address)
    {
        var settings = Read(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        settings.Faults.Should().BeEmpty();
        settings.PublicAddress.Should().Be(address);
    }

    private static ServerSettings Read(params string[] args) => new((IConfigurationRoot)new ConfigurationBuilder().AddCommandLine(args).Build(), args);
}
