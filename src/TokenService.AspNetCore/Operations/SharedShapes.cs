using System.Collections.Immutable;

namespace TokenService.AspNetCore;

/// <summary>Structures that several operations have: <c>Credentials</c>, <c>Tag</c>, <c>PolicyDescriptorType</c>, <c>ProvidedContext</c>.</summary>
/// <remarks>A member that was not sent is left null, against the type's annotation: the operation's limits name it as missing, with its place
/// in the list, together with whatever else is broken.</remarks>
internal static class SharedShapes
{
    internal static ImmutableArray<string> PolicyArns(this Parameters parameters) =>
        [.. parameters.Structures("PolicyArns").Select(member => member.GetValueOrDefault("arn")!)];

    internal static ImmutableArray<Tag> Tags(this Parameters parameters) =>
        [.. parameters.Structures("Tags").Select(member => new Tag(member.GetValueOrDefault("Key")!, member.GetValueOrDefault("Value")!))];

    internal static ImmutableArray<ProvidedContext> ProvidedContexts(this Parameters parameters) =>
    [
        .. parameters.Structures("ProvidedContexts")
            .Select(member => new ProvidedContext(member.GetValueOrDefault("ProviderArn")!, member.GetValueOrDefault("ContextAssertion")!)),
    ];

    internal static void Credentials(this AnswerWriter answer, TemporaryCredentials credentials)
    {
        answer.Open("Credentials");
        answer.Text("AccessKeyId", credentials.AccessKeyId);
        answer.Text("SecretAccessKey", credentials.SecretAccessKey.Reveal());
        answer.Text("SessionToken", credentials.SessionToken);
        answer.Time("Expiration", credentials.Expiration);
        answer.Close();
    }
}
