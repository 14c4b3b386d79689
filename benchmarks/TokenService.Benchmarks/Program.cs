using BenchmarkDotNet.Running;
using TokenService.Benchmarks;

BenchmarkSwitcher.FromAssembly(typeof(Minting).Assembly).Run(args);
