using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TokenService.Architecture;

/// <summary>That a type of one station names a type of another.</summary>
/// <param name="From">The station of the file that names.</param>
/// <param name="File">That file, as a path below <c>src/TokenService</c>.</param>
/// <param name="To">The station of the type that is named.</param>
/// <param name="Type">That type.</param>
internal sealed record Naming(string From, string File, string To, string Type)
{
    public override string ToString() => $"{File} names {To}/{Type}";
}

/// <summary>The core as the compiler reads it. Folders leave no trace in a compiled type, so the sources are read.</summary>
internal sealed class CoreSources
{
    /// <summary>The station of the files that lie in no folder.</summary>
    internal const string Top = "";

    private readonly Dictionary<string, HashSet<string>> _stationsOfTypes = new(StringComparer.Ordinal);

    private CoreSources(string root)
    {
        Compilation = Compile(root);
        var references = new HashSet<Naming>();
        foreach (var tree in Compilation.SyntaxTrees)
        {
            Read(root, tree, references);
        }

        Namings = [.. references.OrderBy(naming => naming.File, StringComparer.Ordinal).ThenBy(naming => naming.Type, StringComparer.Ordinal)];
    }

    internal static CoreSources Instance { get; } = new(Repository.PathOf("src", "TokenService"));

    internal CSharpCompilation Compilation { get; }

    internal IReadOnlyList<Naming> Namings { get; }

    /// <summary>Each type of the core with the stations that its parts lie in.</summary>
    internal IReadOnlyDictionary<string, HashSet<string>> StationsOfTypes => _stationsOfTypes;

    private static CSharpCompilation Compile(string root)
    {
        var options = new CSharpParseOptions(LanguageVersion.Preview);
        var files = Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(file => Station(root, file) is not ("bin" or "obj"));
        var trees = files.Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), options, file))
            .Append(CSharpSyntaxTree.ParseText(
                """
                global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
                global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;
                """,
                options));

        // Everything this process could load, but the core itself, whose types are those of its sources.
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is not ("TokenService.dll" or "TokenService.AspNetCore.dll" or "TokenService.Architecture.dll"))
            .Select(path => MetadataReference.CreateFromFile(path));
        return CSharpCompilation.Create(
            "TokenService", trees, references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
    }

    /// <summary>The first folder below the root; a folder inside it is part of the station.</summary>
    private static string Station(string root, string file)
    {
        var relative = Path.GetRelativePath(root, file).Replace('\\', '/');
        var slash = relative.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? Top : relative[..slash];
    }

    private void Read(string root, SyntaxTree tree, HashSet<Naming> references)
    {
        if (tree.FilePath.Length == 0)
        {
            return;
        }

        var model = Compilation.GetSemanticModel(tree);
        var from = Station(root, tree.FilePath);
        var file = Path.GetRelativePath(root, tree.FilePath).Replace('\\', '/');
        foreach (var node in tree.GetRoot().DescendantNodes())
        {
            if (node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax && model.GetDeclaredSymbol(node) is INamedTypeSymbol declared)
            {
                var name = declared.ToDisplayString();
                _stationsOfTypes.TryAdd(name, []);
                _stationsOfTypes[name].Add(from);
            }

            // Names of types and of their members, and constructors that are called without a name. What a var stands for is not named.
            if (node is SimpleNameSyntax { IsVar: false } or ImplicitObjectCreationExpressionSyntax or ConstructorInitializerSyntax
                && TypeOf(model.GetSymbolInfo(node).Symbol) is { } type)
            {
                foreach (var declaration in type.DeclaringSyntaxReferences)
                {
                    references.Add(new Naming(from, file, Station(root, declaration.SyntaxTree.FilePath), type.Name));
                }
            }
        }
    }

    private static INamedTypeSymbol? TypeOf(ISymbol? symbol) => symbol switch
    {
        INamedTypeSymbol type => type.OriginalDefinition,
        IMethodSymbol or IPropertySymbol or IFieldSymbol or IEventSymbol => symbol.ContainingType?.OriginalDefinition,
        _ => null,
    };
}
