using Microsoft.AspNetCore.DataProtection;
using TokenService;
using TokenService.AspNetCore;
using WebApp;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions
{
    Args = args,
    ContentRootPath = AppContext.BaseDirectory,
});
var addresses = WebAppAddresses.Read(builder.Configuration);
builder.WebHost.UseUrls(WebAppAddresses.OriginOf(addresses.Page), WebAppAddresses.OriginOf(addresses.TokenService));
builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);

builder.Services.AddTemporaryCredentials();
builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
builder.Services.AddAuthentication().AddSigV4(options => options.Rules = new SignatureRules { Service = Reports.Service });
builder.Services.AddAuthorization();

await using var app = builder.Build();
var identities = Identities.Create(addresses.Provider);
identities.PutInto(app.Services.GetRequiredService<InMemoryIdentityStore>());

app.UseWhen(http => http.Request.Host.Value == addresses.Page.Authority, page => page.UsePage(addresses));
app.UseRouting();
app.UseAuthentication();
app.UseAuthorization();

// The token service lets this one page call it from a browser, and no other.
app.MapTokenService(options => options.CorsOrigins.Add(WebAppAddresses.OriginOf(addresses.Page))).RequireHost(addresses.TokenService.Authority);

// What the page has to know, and nothing that is secret.
app.MapGet("/settings.json", () => Results.Json(new
{
    issuer = addresses.Provider,
    clientId = Identities.ClientId,
    tokenService = WebAppAddresses.OriginOf(addresses.TokenService),
    roleArn = identities.Readers.Arn.ToString(),
    service = Reports.Service,
})).RequireHost(addresses.Page.Authority);
app.MapGet("/reports/{id}", Reports.AnswerAsync).RequireAuthorization().RequireHost(addresses.Page.Authority);

await app.StartAsync();
Console.WriteLine($"Open {addresses.Page} in a browser, and sign in as alice, or as anybody else.");
await app.WaitForShutdownAsync();
