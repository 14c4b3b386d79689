using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;

namespace TokenService.Conformance;

/// <summary>What every client must come through with: each flow a rule, with the refusal beside it. Each client's test class runs them all.</summary>
internal static partial class ClientFlows
{
    private const string TrustHome = "arn:aws:iam::111122223333:root";

    /// <summary>The flows by name.</summary>
    internal static IReadOnlyDictionary<string, Func<IStsClient, LiveService, Task>> All { get; } =
        typeof(ClientFlows).GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .ToDictionary(flow => flow.Name, flow => flow.CreateDelegate<Func<IStsClient, LiveService, Task>>(), StringComparer.Ordinal);

    public static async Task User_learns_who_it_is(IStsClient client, LiveService service)
    {
        var keys = service.AddUser("learner");
        var answer = await client.CallAsync("GetCallerIdentity", keys, []);
        var user = await service.Store.FindUserAsync(LiveService.Home.Id, "learner", default);
        (answer.Text("Account"), answer.Text("Arn"), answer.Text("UserId")).Should().Be(("111122223333", "arn:aws:iam::111122223333:user/learner", user!.Id));
    }

    public static async Task Root_learns_who_it_is_and_may_not_assume_roles(IStsClient client, LiveService service)
    {
        (await client.CallAsync("GetCallerIdentity", service.Root, [])).Text("Arn").Should().Be(TrustHome);
        var role = service.AddRole("for-root", LiveService.Trust("*"));
        Expect(client, await client.CallAsync("AssumeRole", service.Root, Assume(role)), "AccessDenied", 403, "Roles may not be assumed by root accounts.");
    }

    public static async Task Role_of_another_account_is_assumed_with_every_parameter(IStsClient client, LiveService service)
    {
        var alice = service.AddUser("alice", LiveService.AllowAll);
        var role = service.AddRole(
            "partner", LiveService.Trust(TrustHome, condition: """{"StringEquals":{"sts:ExternalId":"door/7:x"}}"""), LiveService.AllowAll, LiveService.Away, "/a/b/", hours: 12);
        var read = service.AddPolicy("read", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}""", LiveService.Away);
        var answer = await client.CallAsync("AssumeRole", alice, new JsonObject
        {
            ["RoleArn"] = role.Arn.ToString(),
            ["RoleSessionName"] = "build+7=a,b.c@d_e-f",
            ["DurationSeconds"] = 7200,
            ["Policy"] = """{ "Version": "2012-10-17", "Statement": { "Sid": "one", "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/ü + ÿ*" } }""",
            ["PolicyArns"] = new JsonArray(new JsonObject { ["arn"] = read.ToString() }),
            ["Tags"] = new JsonArray(Tag("Team", "blue + grün"), Tag("empty", "")),
            ["TransitiveTagKeys"] = new JsonArray("Team"),
            ["ExternalId"] = "door/7:x",
            ["SourceIdentity"] = "alice@corp.example",
        });
        answer.Text("AssumedRoleUser", "Arn").Should().Be("arn:aws:sts::444455556666:assumed-role/partner/build+7=a,b.c@d_e-f");
        answer.Text("AssumedRoleUser", "AssumedRoleId").Should().Be($"{role.Id}:build+7=a,b.c@d_e-f");
        answer.Text("SourceIdentity").Should().Be("alice@corp.example");
        int.Parse(answer.Text("PackedPolicySize"), CultureInfo.InvariantCulture).Should().BeInRange(1, 100);

        var session = await service.SessionAsync(answer.Keys);
        (session.ExpiresAt - session.IssuedAt).Should().Be(Duration.FromHours(2));
        Expiration(answer).Should().Be(session.ExpiresAt);
        session.InlinePolicy.Should().NotBeNull();
        session.ManagedPolicies.Should().Equal(read);
        session.Tags.Should().Equal(new SessionTag("Team", "blue + grün", true), new SessionTag("empty", "", false));
        session.SourceIdentity.Should().Be("alice@corp.example");
        session.IssuingAccessKeyId.Should().Be(alice.Id);
        (await client.CallAsync("GetCallerIdentity", answer.Keys, [])).Text("Arn").Should().Be(answer.Text("AssumedRoleUser", "Arn"));
    }

    public static async Task Plain_session_lasts_an_hour_and_has_neither_packed_size_nor_source_identity(IStsClient client, LiveService service)
    {
        var (alice, role) = Pair(service, "plain");
        var answer = await client.CallAsync("AssumeRole", alice, Assume(role));
        var session = await service.SessionAsync(answer.Keys);
        (session.ExpiresAt - session.IssuedAt).Should().Be(Duration.FromHours(1));
        answer.Node("PackedPolicySize").Should().BeNull();
        answer.Node("SourceIdentity").Should().BeNull();
        answer.Keys.Id.Should().StartWith("ASIA");
        answer.Keys.Token!.Length.Should().BeLessThan(1024);
    }

    public static async Task Chained_session_keeps_source_identity_and_transitive_tags_and_lasts_an_hour_at_most(IStsClient client, LiveService service)
    {
        var (alice, first) = Pair(service, "first");
        var second = service.AddRole("second", LiveService.Trust(first.Arn.ToString()), hours: 12);
        var parameters = Assume(first);
        parameters["Tags"] = new JsonArray(Tag("Team", "blue"), Tag("own", "1"));
        parameters["TransitiveTagKeys"] = new JsonArray("Team");
        parameters["SourceIdentity"] = "alice.smith";
        var calling = (await client.CallAsync("AssumeRole", alice, parameters)).Keys;

        var chained = await client.CallAsync("AssumeRole", calling, Assume(second, 3600));
        chained.Text("SourceIdentity").Should().Be("alice.smith");
        var session = await service.SessionAsync(chained.Keys);
        session.Tags.Should().Equal(new SessionTag("Team", "blue", true));
        session.ChainId.Should().Be((await service.SessionAsync(calling)).Id);

        Expect(client, await client.CallAsync("AssumeRole", calling, Assume(second, 3601)), "ValidationError", 400,
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.");
        var changed = Assume(second);
        changed["SourceIdentity"] = "mallory";
        Expect(client, await client.CallAsync("AssumeRole", calling, changed), "ValidationError", 400, "The source identity is already set for this assume role session");
        var colliding = Assume(second);
        colliding["Tags"] = new JsonArray(Tag("tEAM", "red"));
        Expect(client, await client.CallAsync("AssumeRole", calling, colliding), "InvalidParameterValue", 400,
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.");
    }

    public static async Task External_id_that_is_missing_or_wrong_denies(IStsClient client, LiveService service)
    {
        var alice = service.AddUser("external", LiveService.AllowAll);
        var role = service.AddRole("vendor", LiveService.Trust(TrustHome, condition: """{"StringEquals":{"sts:ExternalId":"right"}}"""), account: LiveService.Away);
        foreach (var (id, denied) in new[] { (null, true), ("wrong", true), ("right", false) })
        {
            var parameters = Assume(role);
            if (id is not null)
            {
                parameters["ExternalId"] = id;
            }

            var answer = await client.CallAsync("AssumeRole", alice, parameters);
            if (denied)
            {
                Expect(client, answer, "AccessDenied", 403, NotAuthorized("arn:aws:iam::111122223333:user/external", "sts:AssumeRole", role.Arn));
            }
            else
            {
                answer.Keys.Token.Should().NotBeEmpty();
            }
        }
    }

    public static async Task Missing_role_and_distrusting_role_answer_alike(IStsClient client, LiveService service)
    {
        var bob = service.AddUser("bob", LiveService.AllowAll);
        foreach (var arn in new[] { service.AddRole("distrusting", LiveService.Trust("arn:aws:iam::444455556666:root")).Arn, Arn.Parse("arn:aws:iam::111122223333:role/missing") })
        {
            Expect(client, await client.CallAsync("AssumeRole", bob, Assume(arn.ToString())), "AccessDenied", 403,
                NotAuthorized("arn:aws:iam::111122223333:user/bob", "sts:AssumeRole", arn));
        }
    }

    public static async Task Tags_and_source_identity_take_permissions_of_their_own(IStsClient client, LiveService service)
    {
        var alice = service.AddUser("strict", LiveService.AllowAll);
        var role = service.AddRole("strict", LiveService.Trust("arn:aws:iam::111122223333:user/strict", "\"sts:AssumeRole\""));
        (await client.CallAsync("AssumeRole", alice, Assume(role))).Keys.Token.Should().NotBeEmpty();
        var tagged = Assume(role);
        tagged["Tags"] = new JsonArray(Tag("k", "v"));
        Expect(client, await client.CallAsync("AssumeRole", alice, tagged), "AccessDenied", 403,
            NotAuthorized("arn:aws:iam::111122223333:user/strict", "sts:TagSession", role.Arn));
        var named = Assume(role);
        named["SourceIdentity"] = "alice";
        Expect(client, await client.CallAsync("AssumeRole", alice, named), "AccessDenied", 403,
            NotAuthorized("arn:aws:iam::111122223333:user/strict", "sts:SetSourceIdentity", role.Arn));
    }

    public static async Task Broken_parameters_are_validation_errors_in_the_services_words(IStsClient client, LiveService service)
    {
        var (alice, role) = Pair(service, "broken");
        var parameters = Assume(role);
        parameters["RoleSessionName"] = "a b";
        Expect(client, await client.CallAsync("AssumeRole", alice, parameters), "ValidationError", 400,
            @"1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*");
        Expect(client, await client.CallAsync("AssumeRole", alice, Assume(role, 43201)), "ValidationError", 400,
            "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200");
        Expect(client, await client.CallAsync("AssumeRole", alice, Assume("arn:aws:iam::111122223333:user/broken")), "ValidationError", 400,
            "arn:aws:iam::111122223333:user/broken is invalid");
    }

    public static async Task Duration_is_bounded_by_the_role(IStsClient client, LiveService service)
    {
        var alice = service.AddUser("hours", LiveService.AllowAll);
        var role = service.AddRole("hours", LiveService.Trust("arn:aws:iam::111122223333:user/hours"), hours: 2);
        Expiration(await client.CallAsync("AssumeRole", alice, Assume(role, 7200))).Should().BeGreaterThan(Instant.MinValue);
        Expect(client, await client.CallAsync("AssumeRole", alice, Assume(role, 7201)), "ValidationError", 400,
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
    }

    public static async Task Tag_rules_are_told_in_the_services_words(IStsClient client, LiveService service)
    {
        var (alice, role) = Pair(service, "tags");
        var doubled = Assume(role);
        doubled["Tags"] = new JsonArray(Tag("key", "1"), Tag("KEY", "2"));
        Expect(client, await client.CallAsync("AssumeRole", alice, doubled), "InvalidParameterValue", 400,
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
        var transitive = Assume(role);
        transitive["TransitiveTagKeys"] = new JsonArray("other");
        Expect(client, await client.CallAsync("AssumeRole", alice, transitive), "InvalidParameterValue", 400,
            "The specified transitive tag key must be included in the requested tags.");
    }

    public static async Task Malformed_session_policy_is_refused_with_place_and_reason(IStsClient client, LiveService service)
    {
        var (alice, role) = Pair(service, "malformed");
        foreach (var policy in new[]
        {
            """{"Version":"2012-10-17","Statement":[{"Effect":"Permit","Action":"*","Resource":"*"}]}""", "{", "[]",
            """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}""",
        })
        {
            var parameters = Assume(role);
            parameters["Policy"] = policy;
            var answer = await client.CallAsync("AssumeRole", alice, parameters);
            Expect(client, answer, "MalformedPolicyDocument", 400, null);
            answer.Message.Should().NotBeNullOrEmpty();
        }
    }

    public static async Task Session_policies_and_tags_that_do_not_fit_are_told_with_their_sizes(IStsClient client, LiveService service)
    {
        var (alice, role) = Pair(service, "packed");
        var parameters = Assume(role);
        parameters["Tags"] = new JsonArray([.. Enumerable.Range(0, 50).Select(number => Tag($"key-{number}", new string('v', 250)))]);
        var answer = await client.CallAsync("AssumeRole", alice, parameters);
        Expect(client, answer, "PackedPolicyTooLarge", 400, null);
        answer.Message.Should().MatchRegex(@"^Packed size of session tags consumes \d{3}% of allotted space\.");
    }

    public static async Task Managed_session_policy_of_elsewhere_is_refused(IStsClient client, LiveService service)
    {
        var (alice, role) = Pair(service, "elsewhere");
        var parameters = Assume(role);
        parameters["PolicyArns"] = new JsonArray(new JsonObject { ["arn"] = "arn:aws:iam::444455556666:policy/foreign" });
        Expect(client, await client.CallAsync("AssumeRole", alice, parameters), "ValidationError", 400, null);
    }

    public static async Task What_is_not_supported_is_refused_and_not_ignored(IStsClient client, LiveService service)
    {
        var (alice, role) = Pair(service, "unsupported");
        var mfa = Assume(role);
        mfa["SerialNumber"] = "arn:aws:iam::111122223333:mfa/unsupported";
        mfa["TokenCode"] = "123456";
        var answer = await client.CallAsync("AssumeRole", alice, mfa);
        Expect(client, answer, "AccessDenied", 403, null);
        answer.Message.Should().StartWith("MultiFactorAuthentication failed");
        var contexts = Assume(role);
        contexts["ProvidedContexts"] = new JsonArray(new JsonObject
        {
            ["ProviderArn"] = "arn:aws:iam::aws:contextProvider/IdentityCenter",
            ["ContextAssertion"] = "assertion",
        });
        Expect(client, await client.CallAsync("AssumeRole", alice, contexts), "ValidationError", 400, null);
    }

    public static async Task Unknown_key_and_inactive_key_answer_alike(IStsClient client, LiveService service)
    {
        var inactive = LiveService.NewKeys();
        service.Store.Put(User.Create(LiveService.Home, "inactive") with { AccessKeys = [new AccessKey(inactive.Id, new Secret(inactive.Secret)) { IsActive = false }] });
        foreach (var keys in new[] { LiveService.NewKeys(), inactive })
        {
            Expect(client, await client.CallAsync("GetCallerIdentity", keys, []), "InvalidClientTokenId", 403, "The security token included in the request is invalid.");
        }
    }

    public static async Task Wrong_secret_is_a_signature_that_does_not_match(IStsClient client, LiveService service)
    {
        var (alice, role) = Pair(service, "secret");
        var session = (await client.CallAsync("AssumeRole", alice, Assume(role))).Keys;
        foreach (var keys in new[] { alice, session })
        {
            Expect(client, await client.CallAsync("GetCallerIdentity", keys with { Secret = LiveService.NewKeys().Secret }, []), "SignatureDoesNotMatch", 403, null);
        }
    }

    public static async Task Token_that_is_changed_cut_missing_or_another_sessions_is_invalid(IStsClient client, LiveService service)
    {
        var (alice, role) = Pair(service, "token");
        var session = (await client.CallAsync("AssumeRole", alice, Assume(role))).Keys;
        var other = (await client.CallAsync("AssumeRole", alice, Assume(role))).Keys;
        var token = session.Token!;
        var middle = token.Length / 2;
        foreach (var wrong in new[]
        {
            session with { Token = string.Concat(token.AsSpan(0, middle), token[middle] == 'A' ? "B" : "A", token.AsSpan(middle + 1)) },
            session with { Token = token[..^8] },
            session with { Token = token + "AAAA" },
            session with { Token = null },
            session with { Token = other.Token },
            other with { Token = token },
        })
        {
            Expect(client, await client.CallAsync("GetCallerIdentity", wrong, []), "InvalidClientTokenId", 403, "The security token included in the request is invalid.");
        }

        (await client.CallAsync("GetCallerIdentity", session, [])).Result.Should().NotBeNull();
    }

    public static async Task Session_ends_when_it_says(IStsClient client, LiveService service)
    {
        var (alice, role) = Pair(service, "ending");
        try
        {
            // The shortest session, in a service whose clock goes from fourteen minutes behind to fourteen ahead, which signatures bear.
            service.Clock.Shift = Duration.FromMinutes(-14);
            var session = (await client.CallAsync("AssumeRole", alice, Assume(role, 900))).Keys;
            (await client.CallAsync("GetCallerIdentity", session, [])).Result.Should().NotBeNull();
            service.Clock.Shift = Duration.FromMinutes(14);
            Expect(client, await client.CallAsync("GetCallerIdentity", session, []), "ExpiredToken", 403, "The security token included in the request is expired");
        }
        finally
        {
            service.Clock.Shift = Duration.Zero;
        }
    }

    public static async Task Deleted_role_ends_its_sessions_and_a_namesake_does_not_revive_them(IStsClient client, LiveService service)
    {
        var (alice, role) = Pair(service, "deleted");
        var session = (await client.CallAsync("AssumeRole", alice, Assume(role))).Keys;
        (await client.CallAsync("GetCallerIdentity", session, [])).Result.Should().NotBeNull();
        service.Store.RemoveRole(role.Account, role.Name);
        Expect(client, await client.CallAsync("GetCallerIdentity", session, []), "InvalidClientTokenId", 403, null);
        service.AddRole(role.Name, LiveService.Trust(TrustHome));
        Expect(client, await client.CallAsync("GetCallerIdentity", session, []), "InvalidClientTokenId", 403, null);
    }

    /// <summary>A user who may do everything, and a role of the same name that trusts the account and may do everything.</summary>
    internal static (Keys User, Role Role) Pair(LiveService service, string name) =>
        (service.AddUser(name, LiveService.AllowAll), service.AddRole(name, LiveService.Trust(TrustHome), LiveService.AllowAll, hours: 12));

    internal static JsonObject Assume(Role role, int? seconds = null) => Assume(role.Arn.ToString(), seconds);

    internal static JsonObject Assume(string roleArn, int? seconds = null)
    {
        var parameters = new JsonObject { ["RoleArn"] = roleArn, ["RoleSessionName"] = "session-1" };
        if (seconds is { } duration)
        {
            parameters["DurationSeconds"] = duration;
        }

        return parameters;
    }

    internal static string NotAuthorized(string caller, string action, Arn role) => $"User: {caller} is not authorized to perform: {action} on resource: {role}";

    internal static void Expect(IStsClient client, ClientAnswer answer, string code, int status, string? message)
    {
        answer.Error.Should().Be(client.NameOf(code), "it answered {0}", answer.Message ?? answer.Result?.ToJsonString());
        (answer.Status ?? status).Should().Be(status);
        if (message is not null)
        {
            answer.Message.Should().Be(message);
        }
    }

    private static JsonObject Tag(string key, string value) => new() { ["Key"] = key, ["Value"] = value };

    private static Instant Expiration(ClientAnswer answer) =>
        Instant.FromDateTimeOffset(DateTimeOffset.Parse(answer.Text("Credentials", "Expiration"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));
}
