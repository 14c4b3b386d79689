using static TokenService.Tests.Authorization.Deciding;

namespace TokenService.Tests.Policies;

/// <summary>Section 4 of the reference.</summary>
public sealed class ConditionTests
{
    private static readonly (string, string[])[] Absent = [];

    [Theory]
    [InlineData("StringNotEquals", true)]
    [InlineData("StringNotEqualsIfExists", true)]
    [InlineData("ForAllValues:StringNotEquals", true)]
    [InlineData("ForAnyValue:StringNotEquals", false)]
    [InlineData("ForAnyValue:StringNotEqualsIfExists", true)]
    [InlineData("StringEquals", false)]
    [InlineData("StringEqualsIfExists", true)]
    [InlineData("ForAllValues:StringEquals", true)]
    [InlineData("ForAnyValue:StringEquals", false)]
    [InlineData("ForAllValues:StringLikeIfExists", true)]
    public void An_absent_or_empty_key_holds_or_not_by_the_operator(string name, bool holds)
    {
        Holds(Operator(name, "aws:TagKeys", "x"), Absent).Should().Be(holds);
        Holds(Operator(name, "aws:TagKeys", "x"), ("aws:TagKeys", [])).Should().Be(holds);
    }

    [Theory]
    [InlineData("StringEquals", "b", true)]
    [InlineData("StringEquals", "z", false)]
    [InlineData("StringNotEquals", "b", false)]
    [InlineData("StringNotEquals", "z", true)]
    [InlineData("ForAnyValue:StringEquals", "b", true)]
    [InlineData("ForAllValues:StringEquals", "b", false)]
    [InlineData("ForAnyValue:StringNotEquals", "b", true)]
    [InlineData("ForAllValues:StringNotEquals", "b", false)]
    [InlineData("ForAllValues:StringNotEquals", "z", true)]
    public void Several_values_are_weighed_by_the_prefix(string name, string value, bool holds) =>
        Holds(Operator(name, "aws:TagKeys", value), ("aws:TagKeys", ["a", "b"])).Should().Be(holds);

    [Theory]
    [InlineData("true", false, true)]
    [InlineData("true", true, false)]
    [InlineData("FALSE", false, false)]
    [InlineData("false", true, true)]
    public void Null_tests_presence(string value, bool isPresent, bool holds) =>
        Holds(Operator("Null", "aws:TagKeys", value), isPresent ? [("aws:TagKeys", ["a"])] : [("aws:TagKeys", [])]).Should().Be(holds);

    [Theory]
    [InlineData("ForAllValues:Null", "false", true, true)]
    [InlineData("ForAnyValue:Null", "true", false, false)]
    public void Null_with_a_prefix_follows_the_prefix_where_the_key_is_absent(string name, string value, bool whenAbsent, bool whenPresent)
    {
        Holds(Operator(name, "aws:TagKeys", value), Absent).Should().Be(whenAbsent);
        Holds(Operator(name, "aws:TagKeys", value), ("aws:TagKeys", ["a"])).Should().Be(whenPresent);
    }

    [Theory]
    [InlineData("NumericEquals", "1.0", "1", true)]
    [InlineData("NumericEquals", "-0", "0.00", true)]
    [InlineData("NumericEquals", "1", "1.00000000000000000000000000000000000001", false)]
    [InlineData("NumericLessThan", "10", "9", true)]
    [InlineData("NumericLessThan", "-1", "-1.0001", true)]
    [InlineData("NumericLessThan", "10", "1e0", false)]
    [InlineData("NumericGreaterThan", "0.5", "0.51", true)]
    [InlineData("NumericGreaterThanEquals", "+5", "5", true)]
    [InlineData("NumericLessThanEquals", "5", " 5", false)]
    [InlineData("NumericNotEquals", "5", "many", true)]
    [InlineData("NumericEquals", "1", "١", false)]
    public void Numbers_are_exact_decimals_without_exponent_or_culture(string name, string policy, string request, bool holds) =>
        Holds(Operator(name, "x:n", policy), ("x:n", [request])).Should().Be(holds);

    [Theory]
    [InlineData("DateEquals", "1772366400", "2026-03-01T13:00:00+01:00", true)]
    [InlineData("DateEquals", "2026-03-01", "2026-03-01T00:00:00Z", true)]
    [InlineData("DateEquals", "2026-03-01T12:00Z", "2026-03-01T12:00:00.000Z", true)]
    [InlineData("DateLessThan", "2026-03-01T12:00:00.5Z", "2026-03-01T12:00:00.49Z", true)]
    [InlineData("DateLessThan", "1970-01-01", "-1", true)]
    [InlineData("DateGreaterThan", "9999-12-31", "999999999999", true)]
    [InlineData("DateEquals", "2024-02-29", "2024-02-28T22:30:00-01:30", true)]
    [InlineData("DateLessThan", "2026-03-01", "2026-02-29", false)]
    [InlineData("DateLessThan", "2026-03-01", "2026-02-28T12:00:00", false)]
    [InlineData("DateNotEquals", "2026-03-01", "never", true)]
    public void Dates_compare_by_the_instant(string name, string policy, string request, bool holds) =>
        Holds(Operator(name, "aws:CurrentTime", policy), ("aws:CurrentTime", [request])).Should().Be(holds);

    [Theory]
    [InlineData("10.0.0.0/8", "::ffff:10.0.0.1", true)]
    [InlineData("10.1.2.3/8", "10.9.9.9", true)]
    [InlineData("::ffff:10.0.0.0/104", "10.0.0.1", true)]
    [InlineData("0.0.0.0/0", "192.0.2.1", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("::/0", "192.0.2.1", false)]
    [InlineData("2001:db8::/32", "2001:DB8:0::17", true)]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1/32", "192.0.2.2", false)]
    [InlineData("10.0.0.0/8", "10", false)]
    [InlineData("10.0.0.0/8", "10.0.0.01", false)]
    [InlineData("fe80::/10", "fe80::1%1", false)]
    [InlineData("::ffff:10.0.0.0/104", "::ffff:10.0.0.01", false)]
    [InlineData("::ffff:10.0.0.0/104", "::ffff:010.0.0.1", false)]
    [InlineData("::/0", "64:ff9b::192.0.2.1", true)]
    [InlineData("::/0", "64:ff9b::192.00.2.1", false)]
    public void Addresses_of_both_families_are_kept_apart_but_for_mapped_ones(string policy, string request, bool holds)
    {
        Holds(Operator("IpAddress", "aws:SourceIp", policy), ("aws:SourceIp", [request])).Should().Be(holds);
        Holds(Operator("NotIpAddress", "aws:SourceIp", policy), ("aws:SourceIp", [request])).Should().Be(!holds);
    }

    [Theory]
    [InlineData("TRUE", "true", true)]
    [InlineData("true", "True", true)]
    [InlineData("true", "false", false)]
    [InlineData("false", "no", false)]
    [InlineData("true", " true", false)]
    public void Bool_ignores_case_and_nothing_else(string policy, string request, bool holds) =>
        Holds(Operator("Bool", "aws:SecureTransport", policy), ("aws:SecureTransport", [request])).Should().Be(holds);

    [Theory]
    [InlineData("QmluYXJ5", "QmluYXJ5", true)]
    [InlineData("QQ==", "QQ==", true)]
    [InlineData("QQ==", "QUE=", false)]
    [InlineData("QmluYXJ5", "QmluYXJ6", false)]
    [InlineData("QmluYXJ5", "QmluYX 5", false)]
    [InlineData("QmluYXJ5", "%%", false)]
    public void Binary_compares_bytes(string policy, string request, bool holds) =>
        Holds(Operator("BinaryEquals", "x:k", policy), ("x:k", [request])).Should().Be(holds);

    [Theory]
    [InlineData("arn:aws:iam::*:role/x*", "arn:aws:iam::111122223333:role/xyz", true)]
    [InlineData("arn:aws:*:*:*:b*", "arn:aws:s3:::bucket:x", true)]
    [InlineData("arn:aws:s3*:b", "arn:aws:s3:::b", false)]
    [InlineData("*", "arn:aws:s3:::b", false)]
    [InlineData("arn:aws:s3:::*", "bucket", false)]
    [InlineData("arn:aws:iam::${x:account}:user/a", "arn:aws:iam::111122223333:user/a", true)]
    [InlineData("arn:aws:s3:::${x:absent}", "arn:aws:s3:::b", false)]
    public void Arns_compare_part_by_part_and_Equals_is_Like(string policy, string request, bool holds)
    {
        (string, string[])[] keys = [("aws:SourceArn", [request]), ("x:account", ["111122223333"])];
        Holds(Operator("ArnLike", "aws:SourceArn", policy), keys).Should().Be(holds);
        Holds(Operator("ArnEquals", "aws:SourceArn", policy), keys).Should().Be(holds);
        var negated = !holds && !policy.Contains("absent", StringComparison.Ordinal);
        Holds(Operator("ArnNotLike", "aws:SourceArn", policy), keys).Should().Be(negated);
    }

    [Theory]
    [InlineData("StringEquals", "a*", "abc", false)]
    [InlineData("StringLike", "a*", "abc", true)]
    [InlineData("StringLike", "a${*}", "abc", false)]
    [InlineData("StringEqualsIgnoreCase", "ÄB", "äb", true)]
    [InlineData("StringEqualsIgnoreCase", "${x:v, 'ÄB'}", "äb", true)]
    [InlineData("StringEquals", "AB", "ab", false)]
    public void Strings_are_ordinal(string name, string policy, string request, bool holds) =>
        Holds(Operator(name, "x:s", policy), ("x:s", [request])).Should().Be(holds);

    [Fact]
    public void A_variable_without_a_value_never_makes_a_condition_hold_negated_or_not()
    {
        (string, string[])[] keys = [("x:s", ["b"])];
        Holds("""{"StringEquals":{"x:s":"${x:absent}"}}""", keys).Should().BeFalse();
        Holds("""{"StringNotEquals":{"x:s":"${x:absent}"}}""", keys).Should().BeFalse();
        Holds("""{"StringNotEquals":{"x:s":["a","${x:absent}"]}}""", keys).Should().BeFalse();
        Holds("""{"StringEquals":{"x:s":["b","${x:absent}"]}}""", keys).Should().BeTrue("another value matches");
    }

    [Fact]
    public void Every_operator_and_every_key_has_to_hold()
    {
        const string two = """{"StringLike":{"x:s":"a*"},"StringNotLike":{"x:s":"*z"}}""";
        Holds(two, ("x:s", ["ab"])).Should().BeTrue();
        Holds(two, ("x:s", ["az"])).Should().BeFalse();
        Holds("""{"StringEquals":{"x:s":"a","x:t":"b"}}""", ("x:s", ["a"])).Should().BeFalse();
    }

    [Fact]
    public void Negated_operators_ask_that_none_of_the_values_match()
    {
        Holds("""{"StringNotEquals":{"x:s":["a","b"]}}""", ("x:s", ["b"])).Should().BeFalse();
        Holds("""{"StringNotEquals":{"x:s":["a","b"]}}""", ("x:s", ["c"])).Should().BeTrue();
    }

    [Fact]
    public void Numbers_and_booleans_of_the_document_compare_as_their_text()
    {
        Holds("""{"StringEquals":{"x:s":1.50}}""", ("x:s", ["1.50"])).Should().BeTrue();
        Holds("""{"StringEquals":{"x:s":1.50}}""", ("x:s", ["1.5"])).Should().BeFalse();
        Holds("""{"StringEquals":{"x:s":true}}""", ("x:s", ["true"])).Should().BeTrue();
        Holds("""{"Bool":{"x:s":true}}""", ("x:s", ["TRUE"])).Should().BeTrue();
    }

    [Fact]
    public void A_key_of_a_tag_family_is_split_from_its_tag_and_others_are_not()
    {
        var tag = new ConditionKey("AWS:PrincipalTag/Cost Center/a");
        (tag.Name, tag.TagKey, tag.Text).Should().Be(("aws:principaltag/", "Cost Center/a", "AWS:PrincipalTag/Cost Center/a"));
        var oidc = new ConditionKey("Oidc.Example/id/A:aud");
        (oidc.Name, oidc.TagKey).Should().Be(("oidc.example/id/a:aud", null));
        new ConditionKey("sts:RequestContext/k").TagKey.Should().Be("k");
    }
}
