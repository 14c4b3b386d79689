namespace StsServer.Tests;

public sealed class ReadmeTests
{
    [Fact]
    public void Readme_quotes_the_samples_as_they_are()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "TokenService.sln")))
        {
            root = root.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
        }

        var readme = File.ReadAllText(Path.Combine(root.FullName, "README.md"));
        readme.Should().Contain(File.ReadAllText(Path.Combine(root.FullName, "samples", "QuickStart", "Program.cs")).TrimEnd());
        var seed = new Seed.SeedFile(Path.Combine(AppContext.BaseDirectory, "seed.json")).Load().Directory!;
        var alice = seed.Document.Accounts.SelectMany(account => account.AccessKeys).First(key => key.UserName == "alice").Key!;
        readme.Should().Contain(alice.Id).And.Contain(alice.Secret.Reveal());
    }
}
