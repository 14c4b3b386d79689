using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace TokenService;

/// <summary>Bounds how often the service is asked: by source address before a signature is looked at, by principal and account after.</summary>
/// <remarks>
/// <para>Counts in this process; a restart forgets it, and other nodes count for themselves. Safe for many threads, which never wait for each
/// other. A request that is refused by a later rate has been counted by the earlier ones.</para>
/// <para>A clock that is moved back leaves nobody more than an empty bucket, which fills at its rate from then on.</para>
/// </remarks>
public sealed class RequestThrottle
{
    private readonly TokenBuckets<(string Account, string Id)>? _principals;
    private readonly TokenBuckets<string>? _accounts;
    private readonly TokenBuckets<UInt128>? _sources;
    private readonly TokenBuckets<UInt128>? _unsigned;
    private readonly IClock _clock;
    private readonly ILogger _logger;

    /// <summary>Makes a throttle that has not counted yet.</summary>
    /// <param name="options">The rates, as they are now.</param>
    /// <param name="clock">The clock by which buckets fill.</param>
    /// <param name="logger">Is told of every refusal.</param>
    public RequestThrottle(ThrottlingOptions options, IClock clock, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(logger);
        _principals = Buckets<(string, string)>(options.Principal, options.Capacity);
        _accounts = Buckets<string>(options.Account, options.Capacity);
        _sources = Buckets<UInt128>(options.Source, options.Capacity);
        _unsigned = Buckets<UInt128>(options.Unsigned, options.Capacity);
        _clock = clock;
        _logger = logger;
    }

    /// <summary>Counts a request by where it comes from; to be asked before anything is computed for it.</summary>
    /// <param name="address">The client's address, which the host vouches for; where it is unknown, all such requests count as one client's.</param>
    /// <param name="isSigned">Whether the request claims to be signed.</param>
    /// <returns><c>Throttling</c>, or <see langword="null"/> where the request may go on.</returns>
    public StsError? CheckSource(IPAddress? address, bool isSigned)
    {
        var buckets = isSigned ? _sources : _unsigned;
        return buckets is null || buckets.TryTake(KeyOf(address), _clock.GetCurrentInstant())
            ? null
            : Refuse(isSigned ? "source" : "unsigned", address?.ToString());
    }

    /// <summary>Counts a request by who makes it; to be asked once the caller is known.</summary>
    /// <param name="account">The caller's account.</param>
    /// <param name="principalId">What the caller stands on, which all of its sessions share: <see cref="Caller.PrincipalId"/>.</param>
    /// <returns><c>Throttling</c>, or <see langword="null"/> where the request may go on.</returns>
    public StsError? CheckPrincipal(string account, string principalId)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(principalId);
        if (_principals is null && _accounts is null)
        {
            return null;
        }

        // The principal first: what one asks in vain is not taken from the others of its account.
        var now = _clock.GetCurrentInstant();
        return _principals?.TryTake((account, principalId), now) == false ? Refuse("principal", principalId)
            : _accounts?.TryTake(account, now) == false ? Refuse("account", account)
            : null;
    }

    private static TokenBuckets<TKey>? Buckets<TKey>(RequestRate? rate, int capacity)
        where TKey : notnull => rate is null ? null : new TokenBuckets<TKey>(rate, capacity);

    /// <summary>The 128 bits of an address, a v4 address as the v6 address it is mapped to; of any other v6 address the first 64.</summary>
    private static UInt128 KeyOf(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address is null)
        {
            return UInt128.MaxValue;
        }

        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            bytes[10..12].Fill(0xFF);
            address.TryWriteBytes(bytes[12..], out _);
        }
        else
        {
            address.TryWriteBytes(bytes, out _);
            if (!address.IsIPv4MappedToIPv6)
            {
                bytes[8..].Clear();
            }
        }

        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private StsError Refuse(string limit, string? key)
    {
        Telemetry.CountThrottled(limit);
        Telemetry.Throttled(_logger, limit, key);
        return StsError.Throttling();
    }
}
