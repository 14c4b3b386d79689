namespace TokenService;

/// <summary>A request as policies see it: who, what, on what, and under which circumstances.</summary>
internal readonly struct PolicyRequest
{
    /// <param name="principal">The caller.</param>
    /// <param name="action">The action, <c>service:Name</c>.</param>
    /// <param name="resource">The ARN of what is acted on, or <c>*</c>.</param>
    /// <param name="resourceAccount">The account that owns the resource; where it is <see langword="null"/>, the account in the ARN counts, and
    /// a resource without any is the caller's own.</param>
    /// <param name="context">The condition keys.</param>
    internal PolicyRequest(
        RequestPrincipal principal, string action, RequestResource resource, string? resourceAccount, RequestContext context)
    {
        Principal = principal;
        Action = action;
        Resource = resource;
        ResourceAccount = resourceAccount;
        Context = context;
    }

    internal RequestPrincipal Principal { get; }

    internal string Action { get; }

    internal RequestResource Resource { get; }

    /// <summary>The owner of the resource as it was given.</summary>
    internal string? ResourceAccount { get; }

    internal RequestContext Context { get; }

    /// <summary>Whether the caller's account owns the resource.</summary>
    internal bool IsSameAccount
    {
        get
        {
            var owner = ResourceAccount is null ? Resource.Account : ResourceAccount;
            return owner.IsEmpty || Principal.Account is null || owner.SequenceEqual(Principal.Account);
        }
    }
}

/// <summary>What a request acts on, taken apart once for all the patterns it meets.</summary>
internal readonly struct RequestResource
{
    private readonly int _fifthPart;

    internal RequestResource(string text)
    {
        Text = text;
        SixthPart = text.Length;
        var colons = 0;
        for (var index = 0; index < text.Length && colons < PatternText.ArnColons; index++)
        {
            if (text[index] != ':')
            {
                continue;
            }

            colons++;
            if (colons == PatternText.ArnColons - 1)
            {
                _fifthPart = index + 1;
            }
            else if (colons == PatternText.ArnColons)
            {
                SixthPart = index + 1;
            }
        }
    }

    internal string Text { get; }

    /// <summary>Where the sixth part of the ARN begins: colons before it separate parts, colons from there on are text.</summary>
    internal int SixthPart { get; }

    /// <summary>The account in the ARN; empty where it has none.</summary>
    internal ReadOnlySpan<char> Account
    {
        get
        {
            var isArn = _fifthPart > 0 && SixthPart > _fifthPart && Text[SixthPart - 1] == ':';
            var fifthPart = isArn ? Text.AsSpan(_fifthPart, SixthPart - _fifthPart - 1) : [];
            return AccountId.IsValid(fifthPart) ? fifthPart : [];
        }
    }
}
