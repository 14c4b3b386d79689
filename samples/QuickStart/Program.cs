using Microsoft.Extensions.DependencyInjection;
using TokenService;

// An account, a user who may assume roles, and a role that trusts the account.
var account = new Account("111122223333");
var mayAssume = PolicyDocument.Parse(
    """{ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*" } }""", PolicyKind.Identity);
var trust = PolicyDocument.Parse(
    """{ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS": "111122223333" }, "Action": "sts:AssumeRole" } }""",
    PolicyKind.Trust);
var role = Role.Create(account, "deploy", trust, path: "/ci/");

var services = new ServiceCollection();
services.AddTemporaryCredentials();
await using var provider = services.BuildServiceProvider();

var identities = provider.GetRequiredService<InMemoryIdentityStore>();
identities.Put(account);
identities.Put(User.Create(account, "alice") with { InlinePolicies = [new Policy("may-assume", null, mayAssume)] });
identities.Put(role);

// The host knows in its own way that this is alice; she asks for the role. A refusal is a value: .Value throws it, .Error shows it.
var callers = provider.GetRequiredService<Callers>();
var alice = (await callers.ForUserAsync("111122223333", "alice")).Value;
var request = new AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = "quick-start" };
var granted = (await provider.GetRequiredService<ITokenIssuer>().AssumeRoleAsync(alice, request)).Value;
var credentials = granted.Credentials;
Console.WriteLine($"{granted.AssumedRoleUser.Arn}: {credentials.AccessKeyId} until {credentials.Expiration}");

// Whoever holds the credentials is that session, on every node with the same key ring, and nothing was stored.
var session = (await callers.FromCredentialsAsync(credentials.AccessKeyId, credentials.SecretAccessKey, credentials.SessionToken)).Value;
Console.WriteLine($"{session.Kind} {session.Arn} of account {session.Account.Id}");
