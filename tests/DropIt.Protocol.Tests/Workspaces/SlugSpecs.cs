using DropIt.Protocol.Workspaces;

namespace DropIt.Protocol.Tests.Workspaces;

public sealed class SlugSpecs
{
    [Fact]
    public void A_fresh_slug_is_a_slug()
    {
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(Slug.TryParse(Slug.Fresh().Value, out _));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("0startswithdigit")]
    [InlineData("Uppercase1234")]
    [InlineData("with-a-hyphen1")]
    [InlineData("../../etc/passwd")]
    [InlineData("abcdefghijabcdefghijabcdefghijabcdefghija")]
    public void Anything_else_is_not(string? text) => Assert.False(Slug.TryParse(text, out _));

    [Theory]
    [InlineData("abcdefghij.localhost", null)]
    [InlineData("3000--abcdefghij.LOCALHOST", 3000)]
    public void A_host_names_a_runner_or_one_of_its_ports(string host, int? port)
    {
        Assert.True(WorkspaceHost.TryParse(host, "localhost", out var result));
        Assert.Equal("abcdefghij", result.Slug.Value);
        Assert.Equal(port, result.Port);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("abcdefghij.example.com")]
    [InlineData("a.abcdefghij.localhost")]
    [InlineData("0--abcdefghij.localhost")]
    [InlineData("03000--abcdefghij.localhost")]
    [InlineData("65536--abcdefghij.localhost")]
    [InlineData("-1--abcdefghij.localhost")]
    [InlineData("abcdefghijxlocalhost")]
    public void Other_hosts_name_nothing(string host) => Assert.False(WorkspaceHost.TryParse(host, "localhost", out _));
}
