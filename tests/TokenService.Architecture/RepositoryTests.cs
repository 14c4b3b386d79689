using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TokenService.Architecture;

/// <summary>What the repository says of itself is so.</summary>
public sealed partial class RepositoryTests
{
    [Fact]
    public void No_type_is_named_after_nothing_in_particular() =>
        Sources("src").SelectMany(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot().DescendantNodes())
            .OfType<BaseTypeDeclarationSyntax>().Select(type => type.Identifier.Text).Where(name => Vague().IsMatch(name)).Should().BeEmpty();

    [Theory]
    [InlineData("SessionManager", true)]
    [InlineData("ArnHelpers", true)]
    [InlineData("StringUtils", true)]
    [InlineData("SessionMint", false)]
    [InlineData("ManagedPolicy", false)]
    public void Vague_name_is_recognized(string name, bool isVague) => Vague().IsMatch(name).Should().Be(isVague);

    [Fact]
    public void Readme_quotes_the_quick_start_as_it_is()
    {
        var quote = Fences(File.ReadAllText(Repository.PathOf("README.md"))).Single(fence => fence.Language == "csharp").Text;
        quote.Should().Be(File.ReadAllText(Repository.PathOf("samples", "QuickStart", "Program.cs")));
    }

    [Fact]
    public void Testing_page_quotes_the_first_test_as_it_is()
    {
        var quote = Fences(File.ReadAllText(Repository.PathOf("docs", "testing.md"))).Single(fence => fence.Language == "csharp").Text;
        var test = File.ReadAllLines(Repository.PathOf("samples", "HostAppTests", "FirstTest.cs")).Select(line => line.Trim());
        string.Join('\n', test).Should().Contain(string.Join('\n', quote.TrimEnd().Split('\n').Select(line => line.Trim())));
    }

    [Fact]
    public void Testing_page_quotes_the_test_of_the_SAML_provider_as_it_is()
    {
        var quote = Fences(File.ReadAllText(Repository.PathOf("docs", "testing.md"))).Single(fence => fence.Text.Contains("AddSamlProvider", StringComparison.Ordinal)).Text;
        var test = File.ReadAllLines(Repository.PathOf("samples", "HostAppTests", "FirstSamlTest.cs")).Select(line => line.Trim());
        string.Join('\n', test).Should().Contain(string.Join('\n', quote.TrimEnd().Split('\n').Select(line => line.Trim())));
    }

    [Fact]
    public void Readme_lists_every_package_and_no_other()
    {
        var listed = PackageRow().Matches(File.ReadAllText(Repository.PathOf("README.md"))).Select(match => match.Groups["name"].Value);
        var packed = Directory.EnumerateFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension);
        listed.Should().BeEquivalentTo(packed);
    }

    [Fact]
    public void Dependencies_page_has_a_line_for_every_package()
    {
        var page = File.ReadAllText(Repository.PathOf("docs", "dependencies.md"));
        var packages = XDocument.Load(Repository.PathOf("Directory.Packages.props")).Descendants("PackageVersion")
            .Select(package => (string)package.Attribute("Include")!);
        packages.Where(package => !page.Contains($"| `{package}` |", StringComparison.Ordinal)).Should().BeEmpty();
    }

    [Fact]
    public void Conformance_page_names_tests_that_exist()
    {
        var tests = Sources("tests").SelectMany(file => TestName().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value))
            .ToHashSet(StringComparer.Ordinal);
        var named = CitedTest().Matches(File.ReadAllText(Repository.PathOf("docs", "conformance.md"))).Select(match => match.Groups["name"].Value).ToList();
        named.Should().NotBeEmpty();
        named.Where(name => !tests.Contains(name)).Should().BeEmpty();
    }

    [Fact]
    public void Pages_of_the_repository_are_linked_by_paths_that_exist()
    {
        string[] pages = [Repository.PathOf("README.md"), Repository.PathOf("CHANGELOG.md"), .. Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md")];
        foreach (var page in pages)
        {
            foreach (var target in Link().Matches(File.ReadAllText(page)).Select(match => match.Groups["name"].Value.Split('#')[0]))
            {
                if (target.Length > 0 && !target.Contains("://", StringComparison.Ordinal))
                {
                    var path = Path.Combine(Path.GetDirectoryName(page)!, target);
                    (File.Exists(path) || Directory.Exists(path)).Should().BeTrue("{0} links {1}", page, target);
                }
            }
        }
    }

    [Theory]
    [InlineData("tests/TokenService.Conformance/Clients")]
    [InlineData("samples/WebApp")]
    public void Lock_file_of_scripts_says_what_and_not_from_where(string folder) =>
        File.ReadAllText(Repository.PathOf([.. folder.Split('/'), "package-lock.json"]))
            .Should().Contain("\"integrity\"").And.NotContain("\"resolved\"");

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !Built().IsMatch(file.Replace('\\', '/')));

    private static IEnumerable<(string Language, string Text)> Fences(string markdown) =>
        Fence().Matches(markdown).Select(match => (match.Groups["language"].Value, match.Groups["text"].Value));

    [GeneratedRegex("(?:Manager|Helper|Util|Utilitie)s?$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Vague();

    [GeneratedRegex("/(?:bin|obj|node_modules)/", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Built();

    [GeneratedRegex("^```(?<language>\\w+)\n(?<text>.*?)^```$", RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.Singleline, 1000)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^\| `(?<name>TokenService[\w.]*)` \|", RegexOptions.CultureInvariant | RegexOptions.Multiline, 1000)]
    private static partial Regex PackageRow();

    [GeneratedRegex(@"public (?:static )?(?:async )?(?:void|Task) (?<name>\w+)\(", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex TestName();

    [GeneratedRegex(@"`(?<name>[A-Z][A-Za-z0-9]*(?:_[A-Za-z0-9]+){2,})`", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex CitedTest();

    [GeneratedRegex(@"\]\((?<name>[^)\s]+)\)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Link();
}
