namespace TokenService;

/// <summary>The form of an account's id: twelve decimal digits, leading zeros kept.</summary>
public static class AccountId
{
    /// <summary>The number of digits.</summary>
    public const int Length = 12;

    /// <summary>Whether a text has the form of an account id.</summary>
    /// <param name="text">The text to look at.</param>
    /// <returns>Whether it is twelve ASCII digits.</returns>
    public static bool IsValid(ReadOnlySpan<char> text)
    {
        if (text.Length != Length)
        {
            return false;
        }

        foreach (var character in text)
        {
            if (!char.IsAsciiDigit(character))
            {
                return false;
            }
        }

        return true;
    }
}
