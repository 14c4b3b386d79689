using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace TokenService.AspNetCore;

/// <summary>A whole answer: status, media type, bytes.</summary>
/// <remarks>It leaves in one write with its length stated: two small ones cost forty milliseconds where the sender waits for the receiver's
/// acknowledgement (RFC 896) and the receiver delays it (RFC 1122).</remarks>
internal sealed record Answer(int Status, string ContentType, ReadOnlyMemory<byte> Body)
{
    internal const string RequestIdHeader = "x-amzn-RequestId";

    private const string Json = "application/json";
    private const int MaxAcceptCharacters = 1024;

    /// <summary>A granted operation.</summary>
    internal static Answer Success(bool asJson, string operation, string requestId, Action<AnswerWriter> writeResult)
    {
        var writer = Writer(asJson, XmlAnswerWriter.ServiceNamespace);
        writer.Open($"{operation}Response");
        writer.Open($"{operation}Result");
        writeResult(writer);
        writer.Close();
        writer.Open("ResponseMetadata");
        writer.Text("RequestId", requestId);
        writer.Close();
        writer.Close();
        return new Answer(StatusCodes.Status200OK, writer.ContentType, writer.Complete());
    }

    /// <summary>A refused one.</summary>
    internal static Answer Refusal(bool asJson, StsError error, string requestId)
    {
        // The dispatcher of the live service answers this one code under a namespace of its own.
        var writer = Writer(asJson, error.Code == "InvalidAction" ? XmlAnswerWriter.DispatcherNamespace : XmlAnswerWriter.ServiceNamespace);
        if (asJson)
        {
            writer.Open("Error");
            writer.Text("Code", error.Code);
            writer.OptionalText("Message", error.Message);
            writer.Text("Type", Type(error));
            writer.Close();
            writer.Text("RequestId", requestId);
        }
        else
        {
            writer.Open("ErrorResponse");
            writer.Open("Error");
            writer.Text("Type", Type(error));
            writer.Text("Code", error.Code);
            writer.OptionalText("Message", error.Message);
            writer.Close();
            writer.Text("RequestId", requestId);
            writer.Close();
        }

        return new Answer(error.HttpStatus, writer.ContentType, writer.Complete());
    }

    /// <summary>A refused request of a service of S3's kind.</summary>
    /// <remarks>Source: S3 API Reference, "Error responses", REST error responses: no namespace, and nothing around the error.</remarks>
    internal static Answer S3Refusal(StsError error, string requestId)
    {
        var writer = new XmlAnswerWriter(xmlNamespace: null);
        writer.Open("Error");
        writer.Text("Code", error.Code);
        writer.OptionalText("Message", error.Message);
        writer.Text("RequestId", requestId);
        writer.Close();
        return new Answer(error.HttpStatus, "application/xml", writer.Complete());
    }

    /// <summary>Whether the client asks for JSON, and for it before any XML.</summary>
    internal static bool PrefersJson(HttpRequest request)
    {
        var accept = request.Headers.Accept.ToString();
        if (accept.Length is 0 or > MaxAcceptCharacters || !MediaTypeHeaderValue.TryParseList([accept], out var accepted))
        {
            return false;
        }

        double json = 0;
        double xml = 0;
        foreach (var type in accepted)
        {
            var quality = type.Quality ?? 1;
            if (type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase))
            {
                json = Math.Max(json, quality);
            }
            else if (type.MediaType.EndsWith("/xml", StringComparison.OrdinalIgnoreCase))
            {
                xml = Math.Max(xml, quality);
            }
        }

        return json > xml;
    }

    internal async Task SendAsync(HttpContext context, string requestId)
    {
        var response = context.Response;
        response.StatusCode = Status;
        response.ContentType = ContentType;
        response.ContentLength = Body.Length;
        response.Headers[RequestIdHeader] = requestId;

        // Credentials belong in nobody's cache.
        response.Headers.CacheControl = "no-store";
        await response.Body.WriteAsync(Body, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Status and length for logs: the body may hold credentials.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Status}, {Body.Length} bytes");

    private static string Type(StsError error) => error.IsServiceFault ? "Receiver" : "Sender";

    private static AnswerWriter Writer(bool asJson, string xmlNamespace) => asJson ? new JsonAnswerWriter() : new XmlAnswerWriter(xmlNamespace);
}
