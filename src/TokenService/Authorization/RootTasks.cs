using System.Collections.Frozen;

namespace TokenService;

/// <summary>The tasks for which the root of a member account can be assumed, and what each allows.</summary>
/// <remarks>Source: AWS Managed Policy Reference, the five policies under <c>root-task/</c> in their version 1, which say it by denying all else;
/// STS API Reference, <c>AssumeRoot</c>. They are built in: a store cannot widen them.</remarks>
internal static class RootTasks
{
    private const string ReadingCredentials =
        "\"iam:ListAccessKeys\",\"iam:ListSigningCertificates\",\"iam:GetLoginProfile\",\"iam:ListMFADevices\",\"iam:GetUser\",\"iam:GetAccessKeyLastUsed\"";

    private const string OfRoot = "arn:*:iam::*:root";

    /// <summary>A queue of another account stays unread, also where its policy lets the member's root in.</summary>
    private const string NotReadingQueuesOfOthers =
        """{"Effect":"Deny","Action":"sqs:GetQueueAttributes","Resource":"arn:*:sqs:*:*:*","Condition":{"StringNotEqualsIfExists":{"aws:ResourceAccount":"${aws:PrincipalAccount}"}}}""";

    private static readonly FrozenDictionary<string, Policy> ByResource = new[]
    {
        Task("IAMAuditRootUserCredentials", Statement(ReadingCredentials, OfRoot), Statement("\"iam:GetAccountSummary\"", "*")),
        Task("IAMCreateRootUserPassword", Statement("\"iam:CreateLoginProfile\",\"iam:GetLoginProfile\"", OfRoot)),
        Task(
            "IAMDeleteRootUserCredentials",
            Statement(ReadingCredentials, OfRoot),
            Statement(
                "\"iam:DeleteAccessKey\",\"iam:DeleteSigningCertificate\",\"iam:DeleteLoginProfile\",\"iam:DeactivateMFADevice\","
                + "\"iam:DeleteVirtualMFADevice\"",
                OfRoot)),
        Task(
            "S3UnlockBucketPolicy",
            Statement("\"s3:ListAllMyBuckets\",\"s3:GetBucketPolicy\",\"s3:PutBucketPolicy\",\"s3:DeleteBucketPolicy\"", "*")),
        Task(
            "SQSUnlockQueuePolicy",
            Statement("\"sqs:ListQueues\",\"sqs:GetQueueUrl\",\"sqs:GetQueueAttributes\",\"sqs:SetQueueAttributes\"", "*"),
            NotReadingQueuesOfOthers),
    }.ToFrozenDictionary(task => $"policy/root-task/{task.Name}", StringComparer.Ordinal);

    /// <returns>What the task allows, or <see langword="null"/> where there is no such task.</returns>
    internal static Policy? Find(Arn task) =>
        task.Service == "iam" && task.Account == "aws" && task.Region.Length == 0 ? ByResource.GetValueOrDefault(task.Resource) : null;

    private static Policy Task(string name, params string[] statements) => new(
        name,
        Arn.Parse($"arn:aws:iam::aws:policy/root-task/{name}"),
        PolicyDocument.Parse($$"""{"Version":"2012-10-17","Statement":[{{string.Join(',', statements)}}]}""", PolicyKind.Session));

    private static string Statement(string actions, string resource) =>
        $$"""{"Effect":"Allow","Action":[{{actions}}],"Resource":"{{resource}}"}""";
}
