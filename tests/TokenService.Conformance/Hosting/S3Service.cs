using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TokenService.AspNetCore;

namespace TokenService.Conformance;

/// <summary>A service of S3's kind as small as it can be: it keeps what was uploaded and found good, with the mode that it came in.</summary>
public sealed class S3Service : IAsyncLifetime
{
    internal const string Bucket = "photos";

    private static readonly SignatureRules Rules = new() { Service = "s3", IsS3 = true, Regions = ["us-east-1"] };

    private WebApplication? _app;

    internal Uri Url { get; private set; } = new("http://127.0.0.1:0/");

    /// <summary>What was kept by bucket and key: the bytes, <c>x-amz-content-sha256</c>, and who sent it.</summary>
    internal ConcurrentDictionary<string, (byte[] Data, string Mode, string Caller)> Kept { get; } = new(StringComparer.Ordinal);

    /// <summary>A role session's keys.</summary>
    internal Keys Session { get; private set; } = LiveService.NewKeys();

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").UseKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddSingleton<IClock>(new ShiftedClock());
        builder.Services.AddTemporaryCredentials();
        builder.Services.AddAuthentication().AddSigV4(options => options.Rules = Rules);
        builder.Services.AddAuthorization();
        _app = builder.Build();
        _app.UsePayloadRefusals();
        _app.UseAuthentication();
        _app.UseAuthorization();
        _app.MapPost("/" + Bucket, (Delegate)PostAsync);
        _app.MapPut("/{**path}", (Delegate)PutAsync).RequireAuthorization();
        _app.MapGet("/{**path}", Get).RequireAuthorization();
        await _app.StartAsync();
        Url = new Uri(_app.Urls.Single());
        var store = _app.Services.GetRequiredService<InMemoryIdentityStore>();
        store.Put(LiveService.Home);
        store.Put(User.Create(LiveService.Home, "alice") with { InlinePolicies = [new Policy("all", null, PolicyDocument.Parse(LiveService.AllowAll, PolicyKind.Identity))] });
        var role = Role.Create(LiveService.Home, "uploader", PolicyDocument.Parse(LiveService.Trust($"arn:aws:iam::{LiveService.Home.Id}:root"), PolicyKind.Trust));
        store.Put(role);
        var alice = (await _app.Services.GetRequiredService<Callers>().ForUserAsync(LiveService.Home.Id, "alice")).Value;
        var session = (await _app.Services.GetRequiredService<ITokenIssuer>()
            .AssumeRoleAsync(alice, new AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = "s3-client" })).Value.Credentials;
        Session = new Keys(session.AccessKeyId, session.SecretAccessKey.Reveal(), session.SessionToken);
    }

    public async Task DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    private async Task<IResult> PutAsync(HttpContext context)
    {
        var address = AddressOf(context);
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        Kept[$"{address.Bucket}/{address.Key}"] = (body.ToArray(), context.Request.Headers["x-amz-content-sha256"].ToString(), context.GetCaller()!.Arn.ToString());
        context.Response.Headers.ETag = "\"etag\"";
        return Results.Ok();
    }

    private async Task<IResult> PostAsync(HttpContext context)
    {
        if (!(await context.ReadPostUploadAsync(Bucket, Rules)).TryGetValue(out var upload, out var error))
        {
            return Results.Text(error.Code + ": " + error.Message, statusCode: error.HttpStatus);
        }

        var body = new MemoryStream();
        await upload.File.CopyToAsync(body);
        Kept[$"{Bucket}/{upload.Post.Key}"] = (body.ToArray(), "POST", upload.Post.Caller.Arn.ToString());
        return Results.NoContent();
    }

    private IResult Get(HttpContext context)
    {
        var address = AddressOf(context);
        return Kept.TryGetValue($"{address.Bucket}/{address.Key}", out var kept) ? Results.Bytes(kept.Data) : Results.NotFound();
    }

    private static S3Address AddressOf(HttpContext context) =>
        S3Address.Parse(
            context.Request.Host.Value!, context.Features.Get<IHttpRequestFeature>()!.RawTarget.Split('?')[0],
            "127.0.0.1", "localhost").Value;
}
