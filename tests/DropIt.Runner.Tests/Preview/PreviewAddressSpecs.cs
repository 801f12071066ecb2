using DropIt.Protocol.Workspaces;
using DropIt.Runner.Preview;

namespace DropIt.Runner.Tests.Preview;

public sealed class PreviewAddressSpecs
{
    private readonly PreviewAddress _address = AddressOf("http://localhost:7700", "localhost:7700");

    private static PreviewAddress AddressOf(string controlOrigin, string domain) => new(new RunnerOptions
    {
        Workspace = "abcdefghij",
        Epoch = 1,
        Root = "/",
        State = "/",
        Listen = "",
        Storage = "",
        StorageTicket = "",
        PublicKey = "",
        ControlOrigin = controlOrigin,
        Domain = domain,
    });

    [Theory]
    [InlineData("abcdefghij.localhost", true, null)]
    [InlineData("3000--abcdefghij.localhost", true, 3000)]
    [InlineData("3000--ABCDEFGHIJ.LOCALHOST", true, 3000)]
    [InlineData("0--abcdefghij.localhost", false, null)]
    [InlineData("70000--abcdefghij.localhost", false, null)]
    [InlineData("x--abcdefghij.localhost", false, null)]
    [InlineData("3000--otherworkspace.localhost", null, null)]
    [InlineData("localhost", null, null)]
    public void Host_names_are_read(string host, bool? reads, int? port)
    {
        Assert.Equal(reads, _address.Reads(host, out var read));
        Assert.Equal(port, read);
    }

    [Theory]
    [InlineData("http://3000--abcdefghij.localhost:7700", "http://localhost:3000")]
    [InlineData("http://3000--abcdefghij.localhost:7700/a?b=1", "http://localhost:3000/a?b=1")]
    [InlineData("http://3000--abcdefghij.localhost:7700.evil.example", "http://3000--abcdefghij.localhost:7700.evil.example")]
    [InlineData("http://3000--otherworkspace.localhost:7700", "http://3000--otherworkspace.localhost:7700")]
    [InlineData("http://localhost:7700", "http://localhost:7700")]
    [InlineData("null", "null")]
    public void A_preview_looks_local_to_its_program(string url, string local) => Assert.Equal(local, _address.ToLocal(url));

    [Theory]
    [InlineData("http://localhost:3000/next", "http://3000--abcdefghij.localhost:7700/next")]
    [InlineData("http://127.0.0.1:3000", "http://3000--abcdefghij.localhost:7700")]
    [InlineData("https://localhost:3000?x", "http://3000--abcdefghij.localhost:7700?x")]
    [InlineData("http://localhost:3000.evil.example/", "http://localhost:3000.evil.example/")]
    [InlineData("/relative", "/relative")]
    [InlineData("https://example.com/", "https://example.com/")]
    public void What_a_program_calls_local_is_its_preview(string url, string open) => Assert.Equal(open, _address.ToPublic(url));

    [Theory]
    [InlineData("/", true)]
    [InlineData("/a?b#c", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("//evil.example", false)]
    [InlineData("/\\evil.example", false)]
    [InlineData("/\t/evil.example", false)]
    [InlineData("https://evil.example", false)]
    public void Only_a_path_on_the_same_origin_is_local(string? to, bool local) =>
        Assert.Equal(local, PreviewAddress.IsLocalPath(to));

    [Theory]
    [InlineData("http://localhost:7700", "localhost:7700", true)]
    [InlineData("http://a.localhost:7700", "a.localhost:7700", true)]
    [InlineData("https://dropit.lan", "dropit.lan", true)]
    [InlineData("http://dropit.lan:7700", "dropit.lan:7700", false)]
    [InlineData("http://notlocalhost", "notlocalhost", false)]
    public void Secure_cookies_are_kept_by_https_and_localhost(string origin, string domain, bool keeps) =>
        Assert.Equal(keeps, AddressOf(origin, domain).KeepsSecureCookies);

    [Theory]
    [InlineData("a=1; dropit=x; b=2", "a=1; b=2")]
    [InlineData("dropit=x", "")]
    [InlineData("dropit2=x", "dropit2=x")]
    public void The_own_cookie_is_taken_out(string header, string left) => Assert.Equal(left, PreviewCookies.WithoutOwn(header));

    [Theory]
    [InlineData("a=1; Path=/; Domain=localhost; HttpOnly", "a=1; Path=/; HttpOnly")]
    [InlineData("domain=1; domain=.example.com", "domain=1")]
    [InlineData("dropit=stolen; Path=/", null)]
    public void A_programs_cookie_stays_on_its_origin(string header, string? confined) =>
        Assert.Equal(confined, PreviewCookies.Confine(header));
}
