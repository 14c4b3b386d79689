using System.Diagnostics.CodeAnalysis;

namespace TokenService;

/// <summary>A value, or the reason why there is none.</summary>
/// <typeparam name="T">What a granted request answers.</typeparam>
/// <remarks>The default of this type is a refusal without a reason given: <see cref="StsError.InternalFailure"/>.</remarks>
public readonly struct StsResult<T>
    where T : class
{
    private readonly T? _value;
    private readonly StsError? _error;

    private StsResult(T? value, StsError? error)
    {
        _value = value;
        _error = error;
    }

    /// <summary>Whether there is a value.</summary>
    public bool IsSuccess => _value is not null;

    /// <summary>The value.</summary>
    /// <exception cref="StsException">The request was refused.</exception>
    public T Value => _value ?? throw new StsException(_error ?? StsError.InternalFailure());

    /// <summary>The refusal, or <see langword="null"/> where there is a value.</summary>
    public StsError? Error => _value is not null ? null : _error ?? StsError.InternalFailure();

    /// <summary>Takes the value apart from the refusal.</summary>
    /// <param name="value">The value, when the answer is <see langword="true"/>.</param>
    /// <param name="error">The refusal, when the answer is <see langword="false"/>.</param>
    /// <returns>Whether there is a value.</returns>
    public bool TryGetValue([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out StsError? error)
    {
        value = _value;
        error = Error;
        return value is not null;
    }

    /// <summary>A value as a result.</summary>
    /// <param name="value">The value.</param>
    [SuppressMessage("Usage", "CA2225", Justification = "A result is made by returning the value or the error; a named twin would be a second way.")]
    public static implicit operator StsResult<T>(T value) => new(value, null);

    /// <summary>A refusal as a result.</summary>
    /// <param name="error">The refusal.</param>
    [SuppressMessage("Usage", "CA2225", Justification = "A result is made by returning the value or the error; a named twin would be a second way.")]
    public static implicit operator StsResult<T>(StsError error) => new(null, error);
}

/// <summary>A refusal as an exception, for hosts that prefer those.</summary>
public sealed class StsException : Exception
{
    /// <summary>Wraps a refusal.</summary>
    /// <param name="error">The refusal.</param>
    public StsException(StsError error)
        : base($"{error?.Code}: {error?.Message}")
    {
        ArgumentNullException.ThrowIfNull(error);
        Error = error;
    }

    /// <summary>The refusal.</summary>
    public StsError Error { get; }
}
