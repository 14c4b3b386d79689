using System.Collections.Immutable;

namespace TokenService;

/// <summary>Somebody whom an identity provider vouches for: what a verified token or assertion says, in the terms of trust policies.</summary>
/// <remarks>Whoever makes one says that it was verified; here only the validators do. Source: IAM User Guide, "IAM and AWS STS
/// condition context keys"; reference 8.4 and 9.2 to 9.4.</remarks>
public sealed record FederatedIdentity
{
    /// <summary>The provider's ARN, by which trust policies call it.</summary>
    public required Arn ProviderArn { get; init; }

    /// <summary>The bare host name by which policies may call a built-in provider, if it is one.</summary>
    public string? BuiltInName { get; init; }

    /// <summary>Who issued the token.</summary>
    public required string Issuer { get; init; }

    /// <summary>Whom it is about.</summary>
    public required string Subject { get; init; }

    /// <summary>Whom it is for.</summary>
    public required string Audience { get; init; }

    /// <summary>The condition keys that trust policies see; a key with several values stands several times.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Keys { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Those that requests of the session carry too.</summary>
    public ImmutableArray<KeyValuePair<string, string>> SessionKeys { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The session tags that the provider passes.</summary>
    public ImmutableArray<Tag> Tags { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The keys of those that later sessions of the chain shall have too.</summary>
    public ImmutableArray<string> TransitiveTagKeys { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The source identity that the provider sets, if it does.</summary>
    public string? SourceIdentity { get; init; }

    /// <summary>The ARNs of the roles that the provider lets its user assume; <see langword="null"/> where it leaves that to the trust policies.</summary>
    public ImmutableArray<string>? Roles { get; init; }

    /// <summary>The name in <c>aws:FederatedProvider</c> and in answers.</summary>
    public string ProviderName => BuiltInName ?? ProviderArn.ToString();

    /// <summary>The provider and the subject.</summary>
    /// <returns>A line for logs.</returns>
    public override string ToString() => $"{ProviderName} {Subject}";
}
