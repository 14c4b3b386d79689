using System.Collections.Immutable;

namespace TokenService.Tests.Authorization;

/// <summary>Values of keys that the host marks as sensitive leave by no door: not the decision, not the log, not the encoded message.</summary>
public sealed class SensitiveKeyTests : IDisposable
{
    private const string Secret = "patient-4711";

    private readonly TestHost _host = new(options => options.SensitiveConditionKeys.Add("app:Patient"));

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("""{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"APP:patient":"patient-9"}}}""")]
    [InlineData("""{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"App:Patient":"patient-4711"}}}""")]
    public async Task Values_of_a_sensitive_key_are_told_nowhere(string statements)
    {
        var decision = await DecideAsync(statements, "app:Patient");
        decision.IsAllowed.Should().BeFalse();
        decision.ToString().Should().NotContain("patient-");
        Decode(decision).Should().NotContain("patient-").And.ContainEquivalentOf("app:patient");
        _host.Log.Entries.Should().NotBeEmpty().And.NotContain(entry => entry.Text.Contains("patient-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task That_the_condition_failed_and_on_which_key_is_told()
    {
        var decision = await DecideAsync("""{"Sid":"Own","Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"app:Patient":"patient-9"}}}""", "app:Patient");
        var miss = decision.Reasons.Single().NearMisses.Single();
        (miss.Statement.Sid, miss.Operator, miss.Key, miss.AreValuesWithheld).Should().Be(("Own", "StringEquals", "app:Patient", true));
        (miss.RequestValues.Length, miss.PolicyValues.Length).Should().Be((0, 0));
        miss.ToString().Should().Contain("whose values are not told");
    }

    [Fact]
    public async Task Values_of_other_keys_are_told()
    {
        var decision = await DecideAsync("""{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"app:Patients":"patient-9"}}}""", "app:Patients");
        var miss = decision.Reasons.Single().NearMisses.Single();
        (miss.AreValuesWithheld, miss.RequestValues.Single(), miss.PolicyValues.Single()).Should().Be((false, Secret, "patient-9"));
        Decode(decision).Should().Contain(Secret);
    }

    private async Task<Decision> DecideAsync(string statements, string key)
    {
        _host.AddUser("alice", $$"""{"Version":"2012-10-17","Statement":[{{statements}}]}""");
        return await _host.Get<IAuthorizer>().AuthorizeAsync(new AuthorizationRequest
        {
            Caller = await _host.UserAsync("alice"),
            Action = "app:Read",
            Resource = "*",
            Environment = new RequestEnvironment { Keys = ImmutableDictionary<string, ImmutableArray<string>>.Empty.Add(key, [Secret]) },
        });
    }

    private string Decode(Decision decision)
    {
        _host.Get<AuthorizationMessages>().TryEncode(decision, out var message).Should().BeTrue();
        _host.Get<AuthorizationMessageSealer>().TryOpen(message!, _host.Home.Id, _host.Clock.GetCurrentInstant(), out var document).Should().BeTrue();
        return document!;
    }
}
