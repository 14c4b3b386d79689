using System.Text.Json;
using System.Text.Json.Nodes;

namespace TokenService.Conformance;

/// <summary>What a client made of an answer.</summary>
/// <param name="Result">The result by the model's names; absent where the client reports an error.</param>
/// <param name="Error">The error as the client names it.</param>
/// <param name="Status">The HTTP status, where the client tells it.</param>
/// <param name="Message">The error's message.</param>
internal sealed record ClientAnswer(JsonNode? Result, string? Error = null, int? Status = null, string? Message = null)
{
    /// <summary>The credentials of a granted session.</summary>
    internal Keys Keys => new(Text("Credentials", "AccessKeyId"), Text("Credentials", "SecretAccessKey"), Text("Credentials", "SessionToken"));

    internal string Text(params string[] path) => Node(path)?.ToString() ?? throw new InvalidOperationException($"There is no {string.Join('.', path)} but {Error}: {Message}");

    internal JsonNode? Node(params string[] path) => path.Aggregate(Result, (node, name) => node?[name]);
}

/// <summary>An unmodified client of which nothing but the endpoint is set.</summary>
internal interface IStsClient : IAsyncDisposable
{
    /// <summary>Calls an operation with parameters by the model's names.</summary>
    Task<ClientAnswer> CallAsync(string operation, Keys keys, JsonObject parameters);

    /// <summary>What the client calls the error that has this code on the wire.</summary>
    string NameOf(string code);
}

/// <summary>A client that runs as a process and is spoken to in lines of JSON.</summary>
internal sealed class ScriptClient : IStsClient
{
    private readonly ChildProcess _process;
    private readonly Func<string, string> _nameOf;

    private ScriptClient(ChildProcess process, Func<string, string> nameOf)
    {
        _process = process;
        _nameOf = nameOf;
    }

    private static string Folder => Repository.PathOf("tests", "TokenService.Conformance", "Clients");

    /// <summary>The SDK for JavaScript, which names its modelled errors with the word Exception.</summary>
    internal static ScriptClient Node(Uri endpoint)
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules")))
        {
            throw new InvalidOperationException($"The clients are not installed: run tests/run.sh, or npm ci in {Folder}.");
        }

        return new ScriptClient(
            ChildProcess.Start("node", [Path.Combine(Folder, "sts.mjs"), Origin(endpoint)]),
            code => code is "MalformedPolicyDocument" or "PackedPolicyTooLarge" or "InvalidIdentityToken" or "IDPRejectedClaim" ? code + "Exception" : code);
    }

    /// <summary>boto3.</summary>
    internal static ScriptClient Python(Uri endpoint) =>
        new(ChildProcess.Start("python3", [Path.Combine(Folder, "sts.py"), Origin(endpoint)]), code => code);

    public async Task<ClientAnswer> CallAsync(string operation, Keys keys, JsonObject parameters)
    {
        var credentials = new JsonObject { ["accessKeyId"] = keys.Id, ["secretAccessKey"] = keys.Secret };
        if (keys.Token is not null)
        {
            credentials["sessionToken"] = keys.Token;
        }

        var request = new JsonObject { ["operation"] = operation, ["credentials"] = credentials, ["parameters"] = parameters.DeepClone() };
        await _process.Input.WriteLineAsync(request.ToJsonString());
        await _process.Input.FlushAsync();
        var answer = JsonNode.Parse(await _process.WaitForLineAsync(line => line.StartsWith('{')))!;
        return new ClientAnswer(answer["result"]?.DeepClone(), (string?)answer["error"], (int?)answer["status"], (string?)answer["message"]);
    }

    public string NameOf(string code) => _nameOf(code);

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static string Origin(Uri endpoint) => endpoint.GetLeftPart(UriPartial.Authority);
}

/// <summary>The <c>aws</c> command line: one process a call.</summary>
internal sealed partial class CommandLineClient(Uri endpoint) : IStsClient
{
    /// <summary>Runs the command with keys in its environment.</summary>
    internal Task<Outcome> RunAsync(Keys? keys, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? more = null)
    {
        var environment = new Dictionary<string, string>(more ?? new Dictionary<string, string>(StringComparer.Ordinal), StringComparer.Ordinal)
        {
            ["AWS_ENDPOINT_URL_STS"] = endpoint.GetLeftPart(UriPartial.Authority),
            ["AWS_REGION"] = "us-east-1",
            ["AWS_DEFAULT_REGION"] = "us-east-1",
            ["AWS_DEFAULT_OUTPUT"] = "json",
        };
        if (keys is not null)
        {
            environment["AWS_ACCESS_KEY_ID"] = keys.Id;
            environment["AWS_SECRET_ACCESS_KEY"] = keys.Secret;
        }

        if (keys?.Token is not null)
        {
            environment["AWS_SESSION_TOKEN"] = keys.Token;
        }

        return ChildProcess.RunAsync("aws", arguments, environment);
    }

    public async Task<ClientAnswer> CallAsync(string operation, Keys keys, JsonObject parameters)
    {
        var options = parameters.SelectMany(parameter => (string[])[
            "--" + Kebab(parameter.Key), parameter.Value is JsonValue value ? value.ToString() : parameter.Value!.ToJsonString(),
        ]);
        return ToAnswer(await RunAsync(keys, ["sts", Kebab(operation), .. options]));
    }

    public string NameOf(string code) => code;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal static ClientAnswer ToAnswer(Outcome outcome)
    {
        if (outcome.ExitCode == 0)
        {
            return new ClientAnswer(JsonNode.Parse(outcome.Output));
        }

        var error = ServiceError().Match(outcome.Errors);
        return error.Success
            ? new ClientAnswer(null, error.Groups["code"].Value, Message: error.Groups["message"].Value.TrimEnd('\n', '\r'))
            : throw new InvalidOperationException($"aws ended with {outcome.ExitCode}: {outcome.Errors}");
    }

    private static string Kebab(string name) => JsonNamingPolicy.KebabCaseLower.ConvertName(name);

    [System.Text.RegularExpressions.GeneratedRegex(
        @"An error occurred \((?<code>\w+)\) when calling the \w+ operation[^:]*: (?<message>.*)",
        System.Text.RegularExpressions.RegexOptions.Singleline | System.Text.RegularExpressions.RegexOptions.CultureInvariant, 1000)]
    private static partial System.Text.RegularExpressions.Regex ServiceError();
}
