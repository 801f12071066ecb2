using System.Text;
using DropIt.Runner.Documents;

namespace DropIt.Runner.Tests.Documents;

public sealed class FileContentSpecs
{
    [Theory]
    [InlineData("", "", false, false)]
    [InlineData("one\ntwo\n", "one\ntwo\n", false, false)]
    [InlineData("one\r\ntwo\r\n", "one\ntwo\n", false, true)]
    [InlineData("one\r\ntwo\n", "one\r\ntwo\n", false, false)]
    [InlineData("one\rtwo", "one\rtwo", false, false)]
    [InlineData("one\r\r\ntwo\r\n", "one\r\ntwo\n", false, true)]
    [InlineData("\ufeffone\r\n", "one\n", true, true)]
    [InlineData("\ufeff", "", true, false)]
    [InlineData("\ufeff\ufeffx", "\ufeffx", true, false)]
    [InlineData("😀 €\n", "😀 €\n", false, false)]
    public void Byte_order_mark_and_CRLF_are_taken_off_and_put_back(string file, string text, bool bom, bool crlf)
    {
        var bytes = Encoding.UTF8.GetBytes(file);
        var content = FileContent.Decode(bytes);
        Assert.NotNull(content);
        Assert.Equal(text, content.Text);
        Assert.Equal(new FileForm(bom, crlf), content.Form);

        using var written = new MemoryStream();
        Assert.Equal(content.Hash, FileContent.Encode(new DocumentText(content.Text), content.Form, written));
        Assert.Equal(bytes, written.ToArray());
    }

    [Theory]
    [InlineData("610062")]
    [InlineData("ff")]
    [InlineData("e282")]
    [InlineData("eda0bd")]
    [InlineData("fffe6100")]
    [InlineData("636166e9")]
    public void What_is_not_UTF8_text_is_no_document(string hex) => Assert.Null(FileContent.Decode(Convert.FromHexString(hex)));

    [Fact]
    public void A_large_text_with_pairs_on_every_border_is_written_as_it_is()
    {
        var text = "x" + string.Concat(Enumerable.Repeat("😀", 100_000)) + "\n";
        using var written = new MemoryStream();
        FileContent.Encode(new DocumentText(text), new FileForm(false, true), written);
        Assert.Equal(text.Replace("\n", "\r\n", StringComparison.Ordinal), Encoding.UTF8.GetString(written.ToArray()));
    }
}
