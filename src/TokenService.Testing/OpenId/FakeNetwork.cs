using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace TokenService.Testing;

/// <summary>A network that reaches fake providers in memory, and loopback addresses where there is a way to them. Nothing else answers.</summary>
/// <param name="providers">The providers; others may come while requests run.</param>
/// <param name="loopback">The way to loopback addresses.</param>
internal sealed class FakeNetwork(IReadOnlyCollection<FakeOpenIdProvider> providers, HttpMessageHandler? loopback = null) : HttpMessageHandler
{
    private readonly HttpMessageInvoker? _loopback = loopback is null ? null : new HttpMessageInvoker(loopback);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var address = request.RequestUri!;
        foreach (var provider in providers)
        {
            if (address.OriginalString == provider.DiscoveryAddress)
            {
                return Task.FromResult(Answer(request, provider.DiscoveryDocument));
            }

            if (address.OriginalString == provider.JwksAddress)
            {
                return Task.FromResult(Answer(request, provider.Jwks));
            }
        }

        return _loopback is not null && address.IsLoopback
            ? _loopback.SendAsync(request, cancellationToken)
            : throw new HttpRequestException(HttpRequestError.ConnectionError, $"No fake provider answers at {address}.");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _loopback?.Dispose();
        }

        base.Dispose(disposing);
    }

    private static HttpResponseMessage Answer(HttpRequestMessage request, string json) => new(HttpStatusCode.OK)
    {
        RequestMessage = request,
        Content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
    };
}
