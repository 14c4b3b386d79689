using BenchmarkDotNet.Running;
using TokenService.Benchmarks;

if (args is ["cedar", var folder])
{
    CedarPeer.Run(folder);
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(Minting).Assembly).Run(args);
}
