namespace TokenService.AspNetCore;

/// <summary>What an operation is asked with: who asks, with which parameters, and what the transport knows.</summary>
/// <param name="Signer">Who signed the request; <see langword="null"/> where nobody did, and nobody has to.</param>
/// <param name="Parameters">The parameters.</param>
/// <param name="Environment">What the transport knows.</param>
internal sealed record WireCall(Caller? Signer, Parameters Parameters, RequestEnvironment Environment)
{
    /// <summary>Who asks, for the operations that are signed.</summary>
    internal Caller Caller => Signer ?? throw new InvalidOperationException("An operation that nobody has to sign has no caller.");
}

/// <summary>An operation's way over the wire: parameters to request, request to <see cref="ITokenIssuer"/>, response to elements.</summary>
internal abstract class WireOperation(string name)
{
    /// <summary>The <c>Action</c> that asks for it.</summary>
    internal string Name { get; } = name;

    /// <summary>Whether it is asked for without a signature; one that is there has to be good, and changes nothing.</summary>
    internal bool IsUnsigned { get; init; }

    /// <summary>Executes it.</summary>
    /// <returns>What writes the result's elements, or the refusal.</returns>
    internal abstract ValueTask<StsResult<Action<AnswerWriter>>> ExecuteAsync(ITokenIssuer issuer, WireCall call, CancellationToken cancellationToken);
}

/// <inheritdoc/>
/// <param name="name">The <c>Action</c> that asks for it.</param>
/// <param name="read">Makes the request of the parameters; a value that is no number is noted in them.</param>
/// <param name="execute">The issuer's method.</param>
/// <param name="write">Writes the result's elements in the order of the live service.</param>
internal sealed class WireOperation<TRequest, TResponse>(
    string name,
    Func<Parameters, TRequest> read,
    Func<ITokenIssuer, WireCall, TRequest, CancellationToken, ValueTask<StsResult<TResponse>>> execute,
    Action<AnswerWriter, TResponse> write) : WireOperation(name)
    where TResponse : class
{
    internal override async ValueTask<StsResult<Action<AnswerWriter>>> ExecuteAsync(
        ITokenIssuer issuer, WireCall call, CancellationToken cancellationToken)
    {
        if (ServiceModel.Check(Name, call.Parameters) is { } refused)
        {
            return refused;
        }

        var request = read(call.Parameters);
        if (call.Parameters.Malformed is { } malformed)
        {
            return malformed;
        }

        var result = await execute(issuer, call, request, cancellationToken).ConfigureAwait(false);
        if (!result.TryGetValue(out var response, out var error))
        {
            return error;
        }

        return new Action<AnswerWriter>(answer => write(answer, response));
    }
}
