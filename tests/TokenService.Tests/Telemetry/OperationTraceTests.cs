using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace TokenService.Tests.Telemetry;

public sealed class OperationTraceTests : IDisposable
{
    private readonly TestHost _host = new();
    private readonly ConcurrentBag<string> _told = [];
    private readonly ActivityListener _spans;
    private readonly MeterListener _metrics = new();

    public OperationTraceTests()
    {
        _spans = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "TokenService",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => _told.Add($"span {span.OperationName} {string.Join(' ', span.TagObjects)} {span.Status}"),
        };
        ActivitySource.AddActivityListener(_spans);
        _metrics.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "TokenService")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _metrics.SetMeasurementEventCallback<double>((instrument, _, tags, _) => _told.Add($"metric {instrument.Name} {string.Join(' ', tags.ToArray())}"));
        _metrics.Start();
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _spans.Dispose();
        _host.Dispose();
    }

    [Fact]
    public async Task Operation_tells_its_name_and_how_it_ended_and_nothing_of_its_content()
    {
        _host.AddUser("marked-alice");
        var role = _host.AddRole("r", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/marked-alice"},"Action":["sts:AssumeRole","sts:TagSession"]}}""");
        var request = new AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = "marked-session", Tags = [new Tag("k", "marked-tag")] };
        var credentials = (await _host.Issuer.AssumeRoleAsync(await _host.UserAsync("marked-alice"), request)).Value.Credentials;
        (await _host.Issuer.AssumeRoleAsync(await _host.UserAsync("marked-alice"), request with { RoleSessionName = "!" })).IsSuccess.Should().BeFalse();

        // Other tests may run beside this one and be told of too.
        _told.Should().Contain("span AssumeRole [tokenservice.code, ok] Ok").And.Contain("span AssumeRole [tokenservice.code, ValidationError] Ok");
        _told.Should().Contain("metric tokenservice.operation.duration [operation, AssumeRole] [code, ok]")
            .And.Contain("metric tokenservice.operation.duration [operation, AssumeRole] [code, ValidationError]");
        var everything = string.Join('\n', _told.Concat(_host.Log.Entries.Select(entry => entry.Text)));
        everything.Should().NotContain(credentials.SecretAccessKey.Reveal()).And.NotContain(credentials.SessionToken).And.NotContain("marked-tag");
        string.Join('\n', _told).Should().NotContain("marked");
    }

    [Fact]
    public void Telemetry_page_has_a_line_for_every_event_and_no_other()
    {
        var events = typeof(TokenService.Telemetry).GetMethods(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)
            .SelectMany(method => method.GetCustomAttributes(typeof(Microsoft.Extensions.Logging.LoggerMessageAttribute), false))
            .Select(attribute => ((Microsoft.Extensions.Logging.LoggerMessageAttribute)attribute).EventId);
        var page = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "telemetry.md"))
            .Where(line => line.Length > 6 && char.IsAsciiDigit(line[2])).Select(line => int.Parse(line.AsSpan(2, 4), null));
        page.Should().BeEquivalentTo(events);
    }
}
