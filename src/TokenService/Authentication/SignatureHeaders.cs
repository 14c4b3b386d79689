namespace TokenService;

/// <summary>The headers that have to do with a signature, found in one pass over all of them.</summary>
internal readonly ref struct SignatureHeaders
{
    internal SignatureHeaders(ReadOnlySpan<KeyValuePair<string, string>> headers)
    {
        foreach (var (name, value) in headers)
        {
            Characters += name.Length + value.Length;
            switch (name.Length)
            {
                case 4 when name.Equals("date", StringComparison.OrdinalIgnoreCase):
                    IsAmbiguous |= Date is not null;
                    Date = value;
                    break;
                case 10 when name.Equals("x-amz-date", StringComparison.OrdinalIgnoreCase):
                    IsAmbiguous |= AmzDate is not null;
                    AmzDate = value;
                    break;
                case 13 when name.Equals("authorization", StringComparison.OrdinalIgnoreCase):
                    IsAmbiguous |= Authorization is not null;
                    Authorization = value;
                    break;
                case 20 when name.Equals("x-amz-security-token", StringComparison.OrdinalIgnoreCase):
                    IsAmbiguous |= Token is not null && Token != value;
                    Token = value;
                    break;
                case 16 when name.Equals("x-amz-region-set", StringComparison.OrdinalIgnoreCase):
                    IsAmbiguous |= RegionSet is not null;
                    RegionSet = value;
                    break;
                case 20 when name.Equals("x-amz-content-sha256", StringComparison.OrdinalIgnoreCase):
                    IsAmbiguous |= ContentHash is not null;
                    ContentHash = value;
                    break;
            }
        }
    }

    internal string? Authorization { get; }

    internal string? AmzDate { get; }

    internal string? Date { get; }

    internal string? Token { get; }

    /// <summary>The payload hash that the request states.</summary>
    internal string? ContentHash { get; }

    /// <summary>The regions that a request of Signature Version 4A is signed for.</summary>
    internal string? RegionSet { get; }

    /// <summary>The characters of all headers together, names and values.</summary>
    internal int Characters { get; }

    /// <summary>Whether one of them stands twice with room for two readings.</summary>
    internal bool IsAmbiguous { get; }
}
