using System.Text;
using DropIt.Runner.Preview;

namespace DropIt.Runner.Tests.Preview;

public sealed class PreviewConsoleSpecs
{
    private const string Plain = "<script src=\"/.dropit/console.js\"></script>";

    [Theory]
    [InlineData("", Plain)]
    [InlineData("img-src 'none'", Plain)]
    [InlineData("default-src 'self'", Plain)]
    [InlineData("script-src https:", Plain)]
    [InlineData("default-src *; script-src 'none'", null)]
    [InlineData("script-src 'sha256-abc='", null)]
    [InlineData("script-src 'nonce-r4nd0m' 'strict-dynamic'", "<script src=\"/.dropit/console.js\" nonce=\"r4nd0m\"></script>")]
    [InlineData("script-src 'strict-dynamic' 'self'", null)]
    [InlineData("script-src 'nonce-a\"onload=x'", null)]
    [InlineData("script-src 'self', script-src 'none'", null)]
    [InlineData("sandbox allow-forms", null)]
    [InlineData("sandbox allow-scripts; default-src 'self'", Plain)]
    public void The_script_goes_in_where_the_content_policy_lets_it(string policy, string? expected) =>
        Assert.Equal(expected, PreviewConsole.Tag(policy.Length == 0 ? [] : [policy]));

    [Theory]
    [InlineData("<!doctype html><html lang=en><head><title>x</title>", "<!doctype html><html lang=en><head>|<title>x</title>")]
    [InlineData("<!-- <head> -->\n<HTML>\n<HEAD class=a>x", "<!-- <head> -->\n<HTML>\n<HEAD class=a>|x")]
    [InlineData("<!doctype html><p>short</p>", "<!doctype html>|<p>short</p>")]
    [InlineData("<header>not a head</header>", "|<header>not a head</header>")]
    [InlineData("plain text", "|plain text")]
    [InlineData("\ufeff<html><body>", "\ufeff<html>|<body>")]
    [InlineData("", "")]
    [InlineData("<html", "|<html")]
    public async Task The_tag_goes_to_the_beginning_of_the_head_however_the_bytes_come(string html, string expected)
    {
        foreach (var step in (int[])[1, 7, 100_000])
        {
            await using var stream = new InsertingStream(new Drops(Encoding.UTF8.GetBytes(html), step), "|");
            var read = new MemoryStream();
            await stream.CopyToAsync(read, TestContext.Current.CancellationToken);
            Assert.Equal(expected, Encoding.UTF8.GetString(read.ToArray()));
        }
    }

    [Fact]
    public async Task A_comment_longer_than_is_looked_at_is_passed_on_as_it_is()
    {
        var html = "<!--" + new string('x', 2 * InsertingStream.Most) + "--><html><head>";
        await using var stream = new InsertingStream(new Drops(Encoding.UTF8.GetBytes(html), 1000), "|");
        var read = new MemoryStream();
        await stream.CopyToAsync(read, TestContext.Current.CancellationToken);
        Assert.Equal(html, Encoding.UTF8.GetString(read.ToArray()));
    }

    /// <summary>Bytes that come a few at a time.</summary>
    private sealed class Drops(byte[] bytes, int step) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(step, buffer.Length)], cancellationToken);
    }
}
