using System.Net;
using System.Net.Sockets;

namespace TokenService;

/// <summary>The way to identity providers: the host's <see cref="HttpClient"/>, or one that follows no redirect, keeps no cookie, uses no proxy and
/// reaches no private address.</summary>
/// <remarks>What an address resolves to is looked at when the connection is made, so that a name which changes its mind in between is of no use.</remarks>
internal sealed class ProviderHttp(Func<bool, HttpClient>? host) : IDisposable
{
    /// <summary>The largest answer that is read, in bytes.</summary>
    internal const int MaxAnswer = 256 * 1024;

    private readonly HttpClient _public = new(CreateHandler(allowPrivateAddresses: false));
    private readonly HttpClient _private = new(CreateHandler(allowPrivateAddresses: true));

    /// <summary>Gets one answer, whole.</summary>
    /// <param name="address">Where from.</param>
    /// <param name="allowPrivateAddresses">Whether the provider may have a private address.</param>
    /// <param name="cancellationToken">Ends the fetch.</param>
    /// <returns>The answer, or why there is none.</returns>
    internal async Task<ProviderAnswer> GetAsync(Uri address, bool allowPrivateAddresses, CancellationToken cancellationToken)
    {
        if (!allowPrivateAddresses && (address.IsLoopback || (IPAddress.TryParse(address.DnsSafeHost, out var literal) && PrivateAddresses.Contain(literal))))
        {
            return ProviderAnswer.Unusable("the address is a private one");
        }

        try
        {
            var client = host is not null ? host(allowPrivateAddresses) : allowPrivateAddresses ? _private : _public;
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                var reason = $"the answer is {(int)response.StatusCode}";
                return (int)response.StatusCode >= 500 || response.StatusCode == HttpStatusCode.TooManyRequests
                    ? ProviderAnswer.Unreachable(reason)
                    : ProviderAnswer.Unusable(reason, (int)response.StatusCode);
            }

            if (response.RequestMessage?.RequestUri is { } answering && answering != address)
            {
                // The host's client followed a redirect.
                return ProviderAnswer.Unusable("the answer comes from another address");
            }

            return await ReadAsync(response, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return ProviderAnswer.Unreachable("there was no answer in time");
        }
        catch (PrivateAddressException)
        {
            return ProviderAnswer.Unusable("the name leads to a private address");
        }
        catch (HttpRequestException broken) when (broken.InnerException is PrivateAddressException)
        {
            return ProviderAnswer.Unusable("the name leads to a private address");
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or SocketException or InvalidOperationException)
        {
            return ProviderAnswer.Unreachable($"the connection failed ({(broken as HttpRequestException)?.HttpRequestError.ToString() ?? broken.GetType().Name})");
        }
    }

    public void Dispose()
    {
        _public.Dispose();
        _private.Dispose();
    }

    /// <summary>What the built-in clients connect with.</summary>
    internal static SocketsHttpHandler CreateHandler(bool allowPrivateAddresses) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        MaxResponseHeadersLength = 16,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint, allowPrivateAddresses, cancellationToken),
    };

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint endpoint, bool allowPrivateAddresses, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(endpoint.Host, cancellationToken).ConfigureAwait(false);
        if (!allowPrivateAddresses && Array.Exists(addresses, PrivateAddresses.Contain))
        {
            throw new PrivateAddressException();
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, endpoint.Port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<ProviderAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            // One byte more than is read: an answer of exactly the limit is whole.
            var buffer = new byte[4096];
            var length = 0;
            while (await stream.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false) is > 0 and var read)
            {
                length += read;
                if (length > MaxAnswer)
                {
                    return ProviderAnswer.Unusable("the answer is too large");
                }

                if (length == buffer.Length)
                {
                    Array.Resize(ref buffer, Math.Min(2 * length, MaxAnswer + 1));
                }
            }

            return new ProviderAnswer(buffer.AsMemory(0, length), response, null, IsUnreachable: false, 200);
        }
    }

    private sealed class PrivateAddressException() : IOException("A provider's name leads to a private address.");
}

/// <summary>What came of asking a provider.</summary>
/// <param name="Body">The answer's bytes.</param>
/// <param name="Response">Its headers.</param>
/// <param name="Failure">Why there is no answer, for the operator; <see langword="null"/> where there is one.</param>
/// <param name="IsUnreachable">Whether asking again may help: the provider is down, and did not answer wrongly.</param>
/// <param name="Status">The status of the answer, or 0 where there was none.</param>
internal readonly record struct ProviderAnswer(ReadOnlyMemory<byte> Body, HttpResponseMessage? Response, string? Failure, bool IsUnreachable, int Status)
{
    internal static ProviderAnswer Unreachable(string reason) => new(default, null, reason, IsUnreachable: true, 0);

    internal static ProviderAnswer Unusable(string reason, int status = 0) => new(default, null, reason, IsUnreachable: false, status);
}
