using System.Collections.Immutable;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace TokenService.AspNetCore;

/// <summary>A file that a browser uploads by a form with a signed policy, ready to be read.</summary>
/// <remarks>Source: S3 API Reference, "Browser-Based Uploads Using POST".</remarks>
public sealed class PostUpload
{
    internal PostUpload(AuthenticatedPost post, string? fileName, string? contentType, Stream file) =>
        (Post, FileName, ContentType, File) = (post, fileName, contentType, file);

    /// <summary>Who signed the policy, the key, and the form's fields.</summary>
    public AuthenticatedPost Post { get; }

    /// <summary>The name that the browser gives the file; any text.</summary>
    public string? FileName { get; }

    /// <summary>The media type that the browser gives the file; any text. The one that the policy has a say in is the field <c>Content-Type</c>.</summary>
    public string? ContentType { get; }

    /// <summary>The file. Reading ends with <see cref="PayloadException"/> where it has not the length that the policy allows, or not the form's checksum;
    /// commit at the end of the stream alone.</summary>
    public Stream File { get; }
}

/// <summary>Reads uploads by form.</summary>
public static class PostUploadHttpContextExtensions
{
    private const int MaxBoundary = 70;
    private const int MaxPartHeaders = 16;
    private const int MaxPartHeaderBytes = 4096;
    private const int MaxFields = 100;
    private const int MaxFormBytes = 20_480;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a form up to its file, and checks its policy.</summary>
    /// <remarks>Nothing of the file is kept in memory. What follows it in the form is not looked at, as S3 has it.</remarks>
    /// <param name="context">The request, a POST of <c>multipart/form-data</c> to a bucket.</param>
    /// <param name="bucket">The bucket, from the request's address.</param>
    /// <param name="rules">What the service asks of signatures; it must be one of S3's kind.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The upload, or the refusal: <c>MalformedPOSTRequest</c>, or one of <see cref="RequestAuthenticator.AuthenticatePostAsync"/>.</returns>
    public static async ValueTask<StsResult<PostUpload>> ReadPostUploadAsync(
        this HttpContext context, string bucket, SignatureRules rules, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var request = context.Request;
        if (RequestReader.IsSigned(context))
        {
            // A form's credentials stand in the form; with a second set there would be two callers.
            return StsError.AccessDenied("No AWSAccessKey was presented.");
        }

        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= MaxBoundary } boundary)
        {
            return StsError.MalformedPostRequest();
        }

        try
        {
            var reader = new MultipartReader(boundary.ToString(), request.Body) { HeadersCountLimit = MaxPartHeaders, HeadersLengthLimit = MaxPartHeaderBytes };
            return await ReadAsync(context, reader, bucket, rules, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception malformed) when (malformed is IOException and not BadHttpRequestException or InvalidDataException or DecoderFallbackException)
        {
            return StsError.MalformedPostRequest();
        }
    }

    private static async ValueTask<StsResult<PostUpload>> ReadAsync(
        HttpContext context, MultipartReader reader, string bucket, SignatureRules rules, CancellationToken cancellationToken)
    {
        var fields = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        var room = new byte[MaxFormBytes + 1];
        var used = 0;
        while (await reader.ReadNextSectionAsync(cancellationToken).ConfigureAwait(false) is { } section)
        {
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
                || HeaderUtilities.RemoveQuotes(disposition.Name).ToString() is not { Length: > 0 } name)
            {
                return StsError.MalformedPostRequest();
            }

            if (name.Equals("file", StringComparison.OrdinalIgnoreCase))
            {
                var fileName = HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value;
                var form = new PostForm { Fields = fields.DrainToImmutable(), Bucket = bucket, FileName = fileName };
                return await AuthenticateAsync(context, form, section, rules, cancellationToken).ConfigureAwait(false);
            }

            used = Math.Min(used + name.Length, room.Length);
            var start = used;
            for (var read = 1; read > 0 && used < room.Length; used += read)
            {
                read = await section.Body.ReadAsync(room.AsMemory(used), cancellationToken).ConfigureAwait(false);
            }

            if (used >= room.Length || fields.Count == MaxFields)
            {
                return StsError.MaxPostPreDataLengthExceeded();
            }

            fields.Add(new(name, StrictUtf8.GetString(room, start, used - start)));
        }

        return StsError.InvalidArgument("POST requires exactly one file upload per request.");
    }

    private static async ValueTask<StsResult<PostUpload>> AuthenticateAsync(
        HttpContext context, PostForm form, MultipartSection section, SignatureRules rules, CancellationToken cancellationToken)
    {
        var authenticator = context.RequestServices.GetRequiredService<RequestAuthenticator>();
        var result = await authenticator.AuthenticatePostAsync(form, rules, cancellationToken).ConfigureAwait(false);
        if (!result.TryGetValue(out var post, out var refusal))
        {
            return refusal;
        }

        var file = post.File.Open(section.Body);
        context.Features.Set(post.File);
        context.Response.RegisterForDispose(file);
        return new PostUpload(post, form.FileName, section.ContentType, file);
    }
}
