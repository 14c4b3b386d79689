namespace TokenService;

/// <summary>How often the service may be asked. A rate that is not set does not limit.</summary>
public sealed class ThrottlingOptions
{
    /// <summary>The rate of each principal: a user or a role with all of its sessions, or an account's root.</summary>
    public RequestRate? Principal { get; set; }

    /// <summary>The rate of each account, whoever of it asks.</summary>
    public RequestRate? Account { get; set; }

    /// <summary>The rate of signed requests from each source address, counted before the signature is looked at. IPv6 addresses count by their
    /// /64, which is what one subscriber has.</summary>
    public RequestRate? Source { get; set; }

    /// <summary>The rate of requests without a signature from each source address, counted like <see cref="Source"/> and beside it.</summary>
    public RequestRate? Unsigned { get; set; }

    /// <summary>How many principals, accounts and addresses are told apart at once, each rate for itself. Those beyond share one more rate between
    /// them until there is room: a flood from many addresses costs bounded memory, and gets through together what one address would.</summary>
    /// <value>100,000 where nothing else is said, of which each takes about 150 bytes; 1 to 10,000,000.</value>
    /// <exception cref="ArgumentOutOfRangeException">The number is outside that range.</exception>
    public int Capacity
    {
        get;
        set => field = value is >= 1 and <= 10_000_000
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The capacity is 1 to 10,000,000.");
    } = 100_000;
}
