using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace TokenService.AspNetCore;

/// <summary>Bodies that are checked while they are read: how an endpoint asks after them, and how a host answers where one was not good.</summary>
public static class PayloadHttpContextExtensions
{
    private const string ChunkedCoding = "aws-chunked";

    /// <summary>The body of a request that <c>AddSigV4</c> authenticated under S3's rules.</summary>
    /// <param name="context">The request.</param>
    /// <returns>The body, whose <see cref="Payload.IsComplete"/> says whether it may be committed; <see langword="null"/> where there is none, or
    /// where it was checked before the endpoint ran.</returns>
    public static Payload? GetPayload(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<Payload>();
    }

    /// <summary>Answers with S3's error where the body of a request was found not to be good and no answer has begun.</summary>
    /// <remarks>To be put before whatever else handles exceptions of endpoints. Where the answer has begun the exception goes on, and the server
    /// breaks the connection off, so that the client does not take half an answer for a whole one.</remarks>
    /// <param name="app">The host's pipeline.</param>
    /// <returns>The same pipeline.</returns>
    public static IApplicationBuilder UsePayloadRefusals(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        return app.Use(static async (HttpContext context, RequestDelegate next) =>
        {
            StsError? refusal;
            try
            {
                await next(context).ConfigureAwait(false);
                refusal = context.GetPayload()?.Refusal;
            }
            catch (PayloadException refused) when (!context.Response.HasStarted)
            {
                refusal = refused.Error;
            }
            catch (Exception) when (!context.Response.HasStarted && context.GetPayload()?.Refusal is not null)
            {
                // Whatever the endpoint made of the exception, this is what was behind it.
                refusal = context.GetPayload()!.Refusal;
            }

            if (refusal is not null && !context.Response.HasStarted)
            {
                context.Response.Clear();
                var requestId = RequestId.Create();
                await Answer.S3Refusal(refusal, requestId).SendAsync(context, requestId).ConfigureAwait(false);
            }
        });
    }

    /// <summary>Lets the endpoint read the body decoded and checked, with the length and the coding that it then has.</summary>
    internal static void ReadThrough(this HttpContext context, Payload payload)
    {
        var request = context.Request;
        request.Body = payload.Open(request.Body);
        context.Features.Set(payload);
        context.Response.RegisterForDispose(request.Body);
        if (!payload.IsChunked)
        {
            return;
        }

        request.Headers.Remove(HeaderNames.TransferEncoding);
        request.ContentLength = payload.Length;
        var codings = request.Headers.GetCommaSeparatedValues(HeaderNames.ContentEncoding)
            .Where(coding => !coding.Equals(ChunkedCoding, StringComparison.OrdinalIgnoreCase)).ToArray();
        request.Headers.ContentEncoding = codings.Length == 0 ? default : string.Join(", ", codings);
    }
}
