using System.Collections.Immutable;

namespace TokenService.AspNetCore;

/// <summary>What a request wants to do to what, in the words of policies.</summary>
/// <remarks>Source: Service Authorization Reference, "Actions, resources, and condition keys", whose form a host's own actions and ARNs have too.</remarks>
public sealed record RequestedAction
{
    /// <summary>The action, <c>service:Name</c>, such as <c>s3:GetObject</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The ARN of what is acted on, or <c>*</c> for actions on nothing in particular.</summary>
    public required string Resource { get; init; }

    /// <summary>The account that owns the resource; where it is absent, the one in the ARN or else
    /// <see cref="ActionAuthorizationOptions.ResourceAccount"/>.</summary>
    public string? ResourceAccount { get; init; }

    /// <summary>The policy on the resource, read as <see cref="PolicyKind.Resource"/>, if it has one.</summary>
    public PolicyDocument? ResourcePolicy { get; init; }

    /// <summary>The tags of the resource, <c>aws:ResourceTag/…</c>.</summary>
    public ImmutableArray<Tag> ResourceTags { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The tags that the request wants to set, <c>aws:RequestTag/…</c> and <c>aws:TagKeys</c>.</summary>
    public ImmutableArray<Tag> RequestTags { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The action's own condition keys, such as <c>s3:prefix</c>, by name; they stand beside those of
    /// <see cref="ActionAuthorizationOptions.ConditionKeys"/>, and before them.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> ConditionKeys { get; init; } = ImmutableDictionary<string, ImmutableArray<string>>.Empty;
}
