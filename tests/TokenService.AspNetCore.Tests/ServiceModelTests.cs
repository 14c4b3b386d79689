namespace TokenService.AspNetCore.Tests;

public sealed class ServiceModelTests
{
    [Theory]
    [InlineData("RoleArn=a&RoleSessionName=b&Policy=c&DurationSeconds=1&ExternalId=x&SerialNumber=1&TokenCode=1&SourceIdentity=a")]
    [InlineData("PolicyArns.member.1.arn=a&TransitiveTagKeys.member.1=k&Tags.member.1.Key=k&Tags.member.1.Value=v")]
    [InlineData("ProvidedContexts.member.1.ProviderArn=a&ProvidedContexts.member.1.ContextAssertion=b&MinimumSessionTokenSize=0")]
    [InlineData("Tags=&PolicyArns=&TransitiveTagKeys=&ProvidedContexts=")]
    public void Parameters_of_the_operation_are_honoured(string form) => Check(form).Should().BeNull();

    [Theory]
    [InlineData("Unheard=1")]
    [InlineData("Action=AssumeRole&Version=2011-06-15&X-Amz-Date=1")]
    [InlineData("policy=1")]
    [InlineData("Tags.member.1.Colour=red")]
    public void Parameters_that_no_operation_has_are_ignored(string form) => Check(form).Should().BeNull();

    [Theory]
    [InlineData("SAMLAssertion=a")]
    [InlineData("WebIdentityToken=a")]
    [InlineData("Audience.member.1=a")]
    [InlineData("Name=a")]
    [InlineData("TaskPolicyArn.arn=a")]
    public void Parameters_that_only_other_operations_have_are_refused(string form) =>
        Check(form)!.Code.Should().Be("InvalidParameterCombination");

    [Theory]
    [InlineData("Policy.x=1")]
    [InlineData("PolicyArns.member.1=a")]
    [InlineData("PolicyArns.member.1.Arn=a")]
    [InlineData("PolicyArns.1.arn=a")]
    [InlineData("PolicyArns.member.0.arn=a")]
    [InlineData("PolicyArns=a")]
    [InlineData("Tags.member.1.key=a")]
    [InlineData("TransitiveTagKeys.member.1.x=a")]
    [InlineData("TransitiveTagKeys.member.x=a")]
    public void Known_parameter_in_a_form_that_would_be_overlooked_is_refused(string form) =>
        Check(form)!.Code.Should().Be("InvalidQueryParameter");

    [Fact]
    public void Parameterless_operation_refuses_what_others_have() =>
        ServiceModel.Check("GetCallerIdentity", QueryParserTests.Read("RoleArn=a"))!.Code.Should().Be("InvalidParameterCombination");

    [Fact]
    public void Refusal_repeats_a_name_in_part_and_a_value_never()
    {
        var message = Check($"TokenCode.{new string('x', 5000)}=123456")!.Message!;
        message.Length.Should().BeLessThan(300);
        message.Should().NotContain("123456");
    }

    [Fact]
    public void Every_operation_of_the_issuer_is_on_the_wire_and_none_besides()
    {
        // The model spells SAML in capitals.
        var methods = typeof(ITokenIssuer).GetMethods().Select(method => method.Name[..^"Async".Length].Replace("Saml", "SAML", StringComparison.Ordinal));
        WireTable.Operations.Keys.Should().BeEquivalentTo(methods);
        WireTable.Operations.Keys.Should().BeSubsetOf(ServiceModel.OperationNames);
    }

    private static StsError? Check(string form) => ServiceModel.Check("AssumeRole", QueryParserTests.Read(form));
}
