using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using StsServer;
using StsServer.SignIn;
using TokenService;
using TokenService.AspNetCore;

var builder = WebApplication.CreateBuilder(args);
var settings = new ServerSettings(builder.Configuration, args);
var seed = settings.LoadSeed();
if (settings.Faults.Count > 0 || seed.Directory is null)
{
    return Refuse(settings.Faults);
}

if (settings.NeedsDefaultUrl)
{
    builder.WebHost.UseUrls(ServerSettings.DefaultUrl);
}

// The server's own log of requests shows their addresses, and a presigned address has a session token in it.
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);

// Authentication brings data protection along for cookies, and nothing here has any.
builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);

// What keeps the host from starting is said below, once.
builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);

// What the host registers first wins: the stores that AddTemporaryCredentials would bring are these.
var store = new SeedStore(seed.Directory);
builder.Services.AddSingleton<IAccountStore>(store);
builder.Services.AddSingleton<IRoleStore>(store);
builder.Services.AddSingleton<IUserStore>(store);
builder.Services.AddSingleton<IManagedPolicyStore>(store);
builder.Services.AddSingleton<IIdentityProviderStore>(store);
builder.Services.AddSingleton(settings.Seed.MfaSecrets);
builder.Services.AddTemporaryCredentials(options =>
{
    options.KeyRingFile = settings.KeyRingFile;
    options.PublicAddress = settings.PublicAddress;
}).AddSaml(options =>
{
    // Identity providers deliver to the page of this host, where its address is known; otherwise assertions for AWS's own are taken.
    if (settings.SignInAddress is { } address)
    {
        options.Recipients.Add(address);
    }
});

// AddAuthentication brings data protection, which would leave keys of its own in the home folder; signatures need none.
builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
builder.Services.AddAuthentication().AddSigV4(options => options.Rules = WhoAmI.Rules);
builder.Services.AddAuthorization();

try
{
    await using var app = builder.Build();

    // Before everything that looks anybody up, so that a request sees one state of the seed file throughout.
    app.Use((context, next) =>
    {
        store.Pin();
        return next(context);
    });
    app.UseRouting();
    app.UseAuthentication();
    app.UseAuthorization();
    app.MapTokenService();
    app.MapSignIn(() => [.. store.Current.Document.Accounts.SelectMany(account => account.SamlProviders).Select(each => each.Provider)]);
    app.MapGet("/whoami", WhoAmI.Answer).RequireAuthorization();

    // Opened now, so that a broken key ring is a fault of the start and not of the first request.
    app.Services.GetService<IKeyRing>();
    var logger = app.Services.GetRequiredService<ILogger<SeedReloader>>();
    SeedReloader.LogNotes(logger, settings.Seed, seed.Report);
    await app.StartAsync();
    Greeting.Write(Console.Out, app.Urls, settings, seed.Directory);

    var reloading = new SeedReloader(settings.Seed, seed, store, logger).RunAsync(TimeProvider.System, app.Lifetime.ApplicationStopping);
    var serving = app.WaitForShutdownAsync();

    // Whichever ends first; a reloader that breaks is no reason to serve an old file for ever.
    await await Task.WhenAny(reloading, serving);
    await serving;
    return 0;
}
catch (OptionsValidationException wrong)
{
    return Refuse(wrong.Failures);
}
catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or InvalidDataException)
{
    // An address that is taken, a key ring that cannot be read: the message names it.
    return Refuse([wrong.Message]);
}

static int Refuse(IEnumerable<string> faults)
{
    Console.Error.WriteLine("The host does not start:");
    foreach (var fault in faults)
    {
        Console.Error.WriteLine($"  {fault}");
    }

    return 1;
}
