using System.Diagnostics;
using System.Globalization;

namespace TokenService.Benchmarks;

/// <summary>The decision of <see cref="Decisions"/> beside Cedar's on the same statements, in one run: each the least of many batches. Needs Node, and
/// <c>npm ci</c> in <c>benchmarks/Cedar</c>.</summary>
internal static class CedarPeer
{
    private const int Batches = 2_000;
    private const int Rounds = 1_000;

    internal static void Run(string folder)
    {
        using var node = Process.Start(new ProcessStartInfo("node", Path.Combine(folder, "decide.mjs")) { RedirectStandardOutput = true, UseShellExecute = false })
            ?? throw new InvalidOperationException("Node does not start.");
        var cedar = double.Parse(node.StandardOutput.ReadToEnd(), CultureInfo.InvariantCulture);
        node.WaitForExit();
        var decisions = new Decisions();
        var least = double.MaxValue;
        for (var batch = 0; batch < Batches; batch++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var round = 0; round < Rounds; round++)
            {
                if (!decisions.Decide())
                {
                    throw new InvalidOperationException("The request is not allowed.");
                }
            }

            least = Math.Min(least, Stopwatch.GetElapsedTime(start).TotalMicroseconds / Rounds);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Cedar through WebAssembly {cedar:F2} us, this library {least:F3} us, {cedar / least:F0} times"));
    }
}
