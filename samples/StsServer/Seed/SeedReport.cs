namespace StsServer.Seed;

/// <summary>What is wrong at one place of the seed file.</summary>
/// <param name="Place">The JSON path, such as <c>$.Accounts[0].AccessKeys[2].UserName</c>.</param>
/// <param name="Reason">What is wrong there; never a secret.</param>
internal sealed record SeedFault(string Place, string Reason)
{
    public override string ToString() => $"{Place}: {Reason}";
}

/// <summary>Gathers everything that is wrong with a seed file, and what the host should know of one that is not.</summary>
internal sealed class SeedReport
{
    /// <summary>More faults than anybody reads at once; a file that has more is told so.</summary>
    private const int MaxFaults = 500;

    private readonly List<SeedFault> _faults = [];
    private readonly List<SeedFault> _notes = [];

    /// <summary>Reasons not to load the file.</summary>
    internal IReadOnlyList<SeedFault> Faults => _faults;

    /// <summary>What was left out of account, and why.</summary>
    internal IReadOnlyList<SeedFault> Notes => _notes;

    internal void Fault(string place, string reason)
    {
        if (_faults.Count < MaxFaults)
        {
            _faults.Add(new SeedFault(place, reason));
        }
        else if (_faults.Count == MaxFaults)
        {
            _faults.Add(new SeedFault("$", $"more than {MaxFaults} faults; the others are not listed"));
        }
    }

    internal void Note(string place, string reason)
    {
        if (_notes.Count < MaxFaults)
        {
            _notes.Add(new SeedFault(place, reason));
        }
    }
}
