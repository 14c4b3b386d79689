using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;

namespace TokenService.AspNetCore;

/// <summary>How <c>RequireAction</c> asks and answers. Set with <c>services.Configure&lt;ActionAuthorizationOptions&gt;(…)</c>.</summary>
public sealed class ActionAuthorizationOptions
{
    /// <summary>The account that owns resources whose ARN names none, such as buckets.</summary>
    /// <value>Twelve digits. Where it is absent, each <see cref="RequestedAction"/> on such a resource states its account; one that does not is
    /// an <see cref="ArgumentException"/>, and nothing is let in.</value>
    public string? ResourceAccount { get; set; }

    /// <summary>Further condition keys of a request, such as <c>aws:SourceVpc</c>, which the host vouches for.</summary>
    /// <value>From the request to values by key. A key that describes the caller, the tags or the time is never taken from here.</value>
    public Func<HttpContext, ImmutableDictionary<string, ImmutableArray<string>>>? ConditionKeys { get; set; }

    /// <summary>Whether a caller whose account owns the resource is told which kind of policy denied, as AWS tells it.</summary>
    /// <value><see langword="true"/> where nothing else is said. Callers of other accounts are never told.</value>
    public bool TellsReason { get; set; } = true;

    /// <summary>Whether a refusal bears the encoded authorization message, which those of the caller's account decode who have the permission
    /// <c>sts:DecodeAuthorizationMessage</c>.</summary>
    /// <value><see langword="true"/> where nothing else is said.</value>
    public bool SendsEncodedMessage { get; set; } = true;
}
