using DropIt.Runner.Documents;

namespace DropIt.Runner.Tests.Documents;

public sealed class DocumentTextSpecs(ITestOutputHelper output)
{
    [Fact]
    public void It_is_edited_as_a_string_would_be()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var expected = Text(random, 30_000);
        var text = new DocumentText(expected);
        for (var i = 0; i < 4000; i++)
        {
            var at = random.Next(expected.Length + 1);
            var removed = random.Next(3) == 0 ? Math.Min(random.Next(random.Next(20) == 0 ? 9000 : 8), expected.Length - at) : 0;
            var insert = random.Next(40) == 0 ? Text(random, 9000) : Text(random, 4);
            text.Replace(at, removed, insert);
            expected = string.Concat(expected.AsSpan(0, at), insert, expected.AsSpan(at + removed));
            Assert.Equal(expected.Length, text.Length);
            var start = random.Next(expected.Length + 1);
            var length = random.Next(Math.Min(200, expected.Length - start) + 1);
            Assert.Equal(expected.Substring(start, length), text.Slice(start, length));
        }

        Assert.Equal(expected, text.ToString());
    }

    [Fact]
    public void It_refuses_places_outside()
    {
        var text = new DocumentText("abc");
        Assert.Throws<ArgumentOutOfRangeException>(() => text.Replace(2, 2, ""));
        Assert.Throws<ArgumentOutOfRangeException>(() => text.Replace(-1, 0, "x"));
        Assert.Equal("abc", text.ToString());
    }

    private static string Text(Random random, int most) =>
        string.Create(random.Next(most + 1), random, static (to, random) =>
        {
            for (var i = 0; i < to.Length; i++)
            {
                to[i] = (char)('a' + random.Next(26));
            }
        });
}
