namespace TokenService.AspNetCore.Tests;

public sealed class RequestReaderTests
{
    [Theory]
    [InlineData("/", "/", "")]
    [InlineData("/a%2Fb//c/../d?x=1?2&y", "/a%2Fb//c/../d", "x=1?2&y")]
    [InlineData("/?", "/", "")]
    [InlineData("http://host:5080/p?q=http://other/", "/p", "q=http://other/")]
    [InlineData("http://host", "/", "")]
    [InlineData("http://host?q=1", "/", "q=1")]
    [InlineData("/http://host/p", "/http://host/p", "")]
    public void Target_is_split_in_origin_form_and_in_absolute_form(string target, string path, string query) =>
        RequestReader.SplitTarget(target).Should().Be((path, query));
}
