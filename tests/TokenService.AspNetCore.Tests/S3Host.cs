using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime.Testing;
using TokenService.Tests.Authentication.Payloads;

namespace TokenService.AspNetCore.Tests;

/// <summary>A service of S3's kind on a free loopback port, which keeps what was read to its end.</summary>
internal sealed class S3Host : IAsyncDisposable
{
    internal static readonly SignatureRules Rules = new() { Service = "s3", IsS3 = true, Regions = ["us-east-1"] };

    private readonly WebApplication _app;

    private S3Host(WebApplication app, ConcurrentQueue<byte[]> kept)
    {
        _app = app;
        Kept = kept;
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(app.Urls.First()) };
    }

    internal HttpClient Client { get; }

    /// <summary>What was committed.</summary>
    internal ConcurrentQueue<byte[]> Kept { get; }

    internal static async Task<S3Host> StartAsync()
    {
        var kept = new ConcurrentQueue<byte[]>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<IClock>(new FakeClock(Instant.FromUtc(2026, 1, 2, 3, 4, 5)));
        builder.Services.AddTemporaryCredentials();
        builder.Services.AddAuthentication().AddSigV4(options =>
        {
            options.Rules = Rules;
            options.MaxBodySize = 1024;
        });
        builder.Services.AddAuthorization();
        var app = builder.Build();
        app.UsePayloadRefusals();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapPut("/swallowing", async (HttpContext context) =>
        {
            try
            {
                await context.Request.Body.CopyToAsync(Stream.Null);
            }
            catch (PayloadException)
            {
                context.Response.StatusCode = StatusCodes.Status502BadGateway;
            }
        }).RequireAuthorization();
        app.MapPut("/answering", async (HttpContext context) =>
        {
            await context.Response.WriteAsync("begun");
            await context.Response.Body.FlushAsync();
            await context.Request.Body.CopyToAsync(Stream.Null);
        }).RequireAuthorization();
        app.MapPut("/{**key}", async (HttpContext context) =>
        {
            var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            kept.Enqueue(body.ToArray());
            return $"{context.Request.ContentLength}|{context.Request.Headers.ContentEncoding}|{context.GetPayload()?.IsComplete}|{context.GetCaller()!.Arn}";
        }).RequireAuthorization();
        app.MapPost("/", async (HttpContext context) =>
        {
            if (!(await context.ReadPostUploadAsync("photos", Rules, context.RequestAborted)).TryGetValue(out var upload, out var error))
            {
                return Results.Text(error.Code, statusCode: error.HttpStatus);
            }

            var body = new MemoryStream();
            await upload.File.CopyToAsync(body);
            kept.Enqueue(body.ToArray());
            return Results.Text($"{upload.Post.Key}|{upload.FileName}|{upload.ContentType}|{upload.Post.Caller.Arn}");
        });
        await app.StartAsync();
        var store = app.Services.GetRequiredService<InMemoryIdentityStore>();
        var account = new Account("111122223333");
        store.Put(account);
        store.Put(User.Create(account, "alice") with { AccessKeys = [new AccessKey(ChunkedUpload.KeyId, new Secret(ChunkedUpload.SecretKey))] });
        return new S3Host(app, kept);
    }

    /// <summary>Sends a signed head with a body.</summary>
    internal async Task<HttpResponseMessage> SendAsync(SignedRequest head, byte[] body, bool hasLength = true)
    {
        using var request = new HttpRequestMessage(new HttpMethod(head.Method), head.Path + (head.Query.Length == 0 ? "" : "?" + head.Query)) { Content = new ByteArrayContent(body) };
        request.Headers.TransferEncodingChunked = hasLength ? null : true;
        foreach (var (name, value) in head.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
