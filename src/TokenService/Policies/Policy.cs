namespace TokenService;

/// <summary>A policy with its name: an inline one, which is part of a user, group or role, or a managed one, which has an ARN.</summary>
/// <remarks>Source: IAM API Reference, <c>PolicyDetail</c> and <c>ManagedPolicyDetail</c>. Immutable; keep it and use it again, since what is
/// computed for it is kept with it.</remarks>
/// <param name="name">The policy's name.</param>
/// <param name="arn">The ARN of a managed policy; <see langword="null"/> for an inline one.</param>
/// <param name="document">What it says.</param>
public sealed class Policy(string name, Arn? arn, PolicyDocument document)
{
    /// <summary>The policy's name.</summary>
    public string Name { get; } = name ?? throw new ArgumentNullException(nameof(name));

    /// <summary>The ARN of a managed policy; <see langword="null"/> for an inline one.</summary>
    public Arn? Arn { get; } = arn;

    /// <summary>What it says.</summary>
    public PolicyDocument Document { get; } = document ?? throw new ArgumentNullException(nameof(document));
}
