using System.Net.Sockets;
using System.Text;

namespace TokenService.Conformance;

/// <summary>Sends bytes as they are, for requests that no HTTP client would send.</summary>
internal static class RawConnection
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Sends and reads until the other side closes, which the request asks it to do.</summary>
    /// <returns>The answer, one character a byte; empty where the connection was closed without one.</returns>
    internal static async Task<string> SendAsync(Uri url, byte[] request)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var client = new TcpClient();
        await client.ConnectAsync(url.Host, url.Port, patience.Token);
        await using var stream = client.GetStream();
        using var answer = new MemoryStream();
        try
        {
            await stream.WriteAsync(request, patience.Token);
            await stream.CopyToAsync(answer, patience.Token);
        }
        catch (IOException)
        {
            // The server may refuse what it has read before it has read everything; what it answered is what counts.
        }

        return Encoding.Latin1.GetString(answer.ToArray());
    }

    internal static Task<string> SendAsync(Uri url, string request) => SendAsync(url, Encoding.Latin1.GetBytes(request));

    /// <summary>The status of an answer; 0 where there was none.</summary>
    internal static int Status(string answer) =>
        answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) ? int.Parse(answer.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture) : 0;
}
