using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace TokenService.AspNetCore.Tests;

public sealed class BrokenConnectionTests : IDisposable
{
    private readonly Capture _log = new();

    [Fact]
    public async Task Client_that_leaves_is_no_error()
    {
        var context = Context(new ThrowingStream(new IOException("connection reset")));
        context.RequestAborted = new CancellationToken(canceled: true);
        await Endpoint().HandleAsync(context);
        _log.Entries.Should().ContainSingle().Which.Level.Should().Be(LogLevel.Debug);
    }

    [Fact]
    public async Task Connection_that_breaks_while_the_client_is_there_is_an_internal_failure()
    {
        var context = Context(new ThrowingStream(new IOException("disk full")));
        await Endpoint().HandleAsync(context);
        context.Response.StatusCode.Should().Be(500);
        _log.Entries.Should().ContainSingle().Which.Level.Should().Be(LogLevel.Error);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(408)]
    [InlineData(413)]
    public async Task Status_of_the_servers_own_limits_stays_with_an_empty_body_and_a_request_id(int status)
    {
        var context = Context(new ThrowingStream(new BadHttpRequestException("the server's word", status)));
        await Endpoint().HandleAsync(context);
        context.Response.StatusCode.Should().Be(status);
        context.Response.Body.Length.Should().Be(0);
        context.Response.Headers["x-amzn-RequestId"].ToString().Should().HaveLength(36);
    }

    public void Dispose() => _log.Dispose();

    private static DefaultHttpContext Context(Stream body)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "POST";
        context.Request.Body = body;
        context.Response.Body = new MemoryStream();
        return context;
    }

    private StsEndpoint Endpoint()
    {
        var services = new ServiceCollection().AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_log)).BuildServiceProvider();
        return new StsEndpoint(
            new TokenServiceEndpointOptions(),
            (_, _, _, _) => ValueTask.FromResult<StsResult<AuthenticatedRequest>>(Known.Authenticated()),
            new RequestThrottle(new ThrottlingOptions(), SystemClock.Instance, services.GetRequiredService<ILogger<StsEndpoint>>()),
            services.GetRequiredService<ILogger<StsEndpoint>>());
    }

    private sealed class ThrowingStream(Exception exception) : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw exception;
    }
}
