using System.Diagnostics;

namespace TokenService;

/// <summary>One execution of an operation as traces and metrics see it: its name, how it ended, how long it took; nothing of its content.</summary>
internal readonly struct OperationTrace
{
    private readonly string _operation;
    private readonly Activity? _activity;
    private readonly long _start;

    private OperationTrace(string operation, Activity? activity)
    {
        _operation = operation;
        _activity = activity;
        _start = Stopwatch.GetTimestamp();
    }

    /// <summary>Begins a trace, if anybody listens.</summary>
    internal static OperationTrace? Start(string operation) =>
        Telemetry.Source.HasListeners() || Telemetry.Durations.Enabled ? new OperationTrace(operation, Telemetry.Source.StartActivity(operation, ActivityKind.Server)) : null;

    /// <summary>Waits for the operation and tells how it ended.</summary>
    internal async ValueTask<StsResult<T>> EndAsync<T>(ValueTask<StsResult<T>> running)
        where T : class
    {
        var code = "exception";
        try
        {
            var result = await running.ConfigureAwait(false);
            code = result.Error?.Code ?? "ok";
            return result;
        }
        finally
        {
            Telemetry.Durations.Record(
                Stopwatch.GetElapsedTime(_start).TotalSeconds,
                new KeyValuePair<string, object?>("operation", _operation),
                new KeyValuePair<string, object?>("code", code));
            _activity?.SetTag("tokenservice.code", code);
            _activity?.SetStatus(code is "exception" or "InternalFailure" ? ActivityStatusCode.Error : ActivityStatusCode.Ok);
            _activity?.Dispose();
        }
    }
}
