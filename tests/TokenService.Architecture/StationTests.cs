using Microsoft.CodeAnalysis;

namespace TokenService.Architecture;

/// <summary>Who may know whom: the folder of each type's file against the folders of the types that it names.</summary>
public sealed class StationTests
{
    /// <summary>Each station with those that its types may name, besides their own and the files at the top that everyone may name.</summary>
    private static readonly Dictionary<string, string[]> MayKnow = new(StringComparer.Ordinal)
    {
        ["Names"] = [],
        ["Policies"] = ["Names"],
        ["Identities"] = ["Names", "Policies"],
        ["Sessions"] = ["Names", "Policies", "Identities"],
        ["Tokens"] = ["Names", "Policies", "Identities", "Sessions"],
        ["Guards"] = ["Names"],
        ["Authorization"] = ["Names", "Policies", "Identities", "Sessions"],
        ["Trust"] = ["Names", "Policies", "Identities", "Sessions", "Authorization"],
        ["Authentication"] = ["Names", "Policies", "Identities", "Sessions", "Tokens", "Guards"],
        ["Federation"] = ["Names", "Policies", "Identities", "Guards"],
        ["Mfa"] = ["Names", "Policies", "Identities", "Guards", "Sessions", "Tokens"],
        ["Operations"] =
        [
            "Names", "Policies", "Identities", "Sessions", "Tokens", "Guards", "Authorization", "Trust", "Authentication", "Federation", "Mfa",
        ],
    };

    /// <summary>The files at the top that every station may name; they name none.</summary>
    private static readonly string[] Vocabulary = ["StsError", "StsException", "StsResult", "Telemetry", "SessionLifetime"];

    [Fact]
    public void Sources_compile_here_as_they_do_in_their_project_so_that_no_name_escapes()
    {
        // The bodies of logging methods and regular expressions are generated in the project's own build.
        var errors = CoreSources.Instance.Compilation.GetDiagnostics()
            .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error && diagnostic.Id is not ("CS8795" or "CS9248"));
        errors.Should().BeEmpty();
        CoreSources.Instance.Namings.Should().Contain(naming => naming.From == "Operations" && naming.To == "Trust" && naming.Type == "ITrustPolicyEvaluator");
    }

    [Fact]
    public void Every_folder_of_the_core_is_a_station_of_the_table() =>
        CoreSources.Instance.StationsOfTypes.Values.SelectMany(stations => stations).Distinct(StringComparer.Ordinal)
            .Except([CoreSources.Top, .. MayKnow.Keys], StringComparer.Ordinal).Should().BeEmpty();

    [Fact]
    public void Type_lies_in_one_station() =>
        CoreSources.Instance.StationsOfTypes.Where(type => type.Value.Count > 1).Should().BeEmpty();

    [Fact]
    public void Station_names_only_the_stations_that_it_may_know() =>
        Violations(CoreSources.Instance.Namings).Should().BeEmpty();

    [Theory]
    [InlineData("Names", "Policies")]
    [InlineData("Policies", "Identities")]
    [InlineData("Guards", "Sessions")]
    [InlineData("Authorization", "Tokens")]
    [InlineData("Authentication", "Authorization")]
    [InlineData("Trust", "Operations")]
    [InlineData("Mfa", "Authorization")]
    public void Naming_a_station_that_comes_later_is_found(string from, string to) =>
        Violations([new Naming(from, $"{from}/Some.cs", to, "Other")]).Should().ContainSingle();

    [Fact]
    public void Naming_a_front_door_from_a_station_is_found() =>
        Violations([new Naming("Operations", "Operations/Some.cs", CoreSources.Top, "ITokenIssuer")]).Should().ContainSingle();

    [Fact]
    public void Files_that_every_station_may_name_name_none() =>
        CoreSources.Instance.Namings.Where(naming => IsVocabulary(Path.GetFileNameWithoutExtension(naming.File)) && !IsVocabulary(naming.Type)
            && naming.From == CoreSources.Top).Should().BeEmpty();

    [Fact]
    public void Satellites_reference_the_core_and_never_each_other()
    {
        foreach (var project in Directory.EnumerateFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories))
        {
            var references = System.Xml.Linq.XDocument.Load(project).Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/')));
            string[] allowed = Path.GetFileNameWithoutExtension(project) == "TokenService" ? [] : ["TokenService"];
            references.Except(allowed, StringComparer.Ordinal).Should().BeEmpty("{0} depends on nothing else of this repository", project);
        }
    }

    [Fact]
    public void Core_knows_no_servers_HTTP_type_and_no_database()
    {
        string[] foreign = ["Microsoft.AspNetCore", "Microsoft.EntityFrameworkCore", "System.Data", "StackExchange"];
        typeof(ITokenIssuer).Assembly.GetReferencedAssemblies()
            .Where(assembly => foreign.Any(name => assembly.Name!.StartsWith(name, StringComparison.Ordinal))).Should().BeEmpty();
    }

    private static IEnumerable<Naming> Violations(IEnumerable<Naming> namings) =>
        namings.Where(naming => naming.From != CoreSources.Top && naming.From != naming.To
            && !(naming.To == CoreSources.Top ? IsVocabulary(naming.Type) : MayKnow[naming.From].Contains(naming.To, StringComparer.Ordinal)));

    private static bool IsVocabulary(string type) => Vocabulary.Contains(type, StringComparer.Ordinal);
}
