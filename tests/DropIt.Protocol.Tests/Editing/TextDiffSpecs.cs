using System.Diagnostics;
using DropIt.Protocol.Editing;

namespace DropIt.Protocol.Tests.Editing;

public sealed class TextDiffSpecs(ITestOutputHelper output)
{
    [Theory]
    [InlineData("", "", "[]")]
    [InlineData("", "new", """[[0,"new"]]""")]
    [InlineData("old", "", "[[3]]")]
    [InlineData("same", "same", "[4]")]
    [InlineData("one\ntwo\nthree\n", "one\n2\nthree\n", """[4,[3,"2"],7]""")]
    [InlineData("a\nb\nc\n", "a\nc\n", "[2,[2],2]")]
    [InlineData("let a = 1;\n  let b = 2;\n", "    let a = 1;\n    let b = 2;\n", """[[0,"    "],11,[0,"  "],13]""")]
    [InlineData("x😀y", "x😁y", """[1,[2,"😁"],1]""")]
    public void Only_what_differs_is_replaced(string from, string to, string expected)
    {
        var changes = TextDiff.Compute(from, to);
        Assert.Equal(to, changes.Apply(from));
        Assert.Equal(expected, changes.ToJson());
    }

    [Fact]
    public void The_result_makes_the_new_text_whatever_the_two_are()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < 20_000; i++)
        {
            var from = RandomTexts.Text(random, 40);
            var to = random.Next(3) == 0 ? RandomTexts.Text(random, 40) : RandomTexts.Changes(random, from.Length).Apply(from);
            Assert.Equal(to, TextDiff.Compute(from, to).Apply(from));
        }
    }

    [Fact]
    public void Texts_that_have_nothing_in_common_are_told_apart_in_bounded_time()
    {
        var from = string.Concat(Enumerable.Range(0, 100_000).Select(i => $"old line {i * 7919 % 1000}\n"));
        var to = string.Concat(Enumerable.Range(0, 100_000).Select(i => i % 1000 == 0 ? $"anchor {i}\n" : $"new {i * 7907 % 999}\n"));
        var watch = Stopwatch.StartNew();
        Assert.Equal(to, TextDiff.Compute(from, to).Apply(from));
        output.WriteLine($"{watch.ElapsedMilliseconds} ms");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Where_too_much_differs_lines_that_stand_out_still_keep_their_place()
    {
        var from = string.Concat(Enumerable.Range(0, 2000).Select(i => $"common {i}\nold {i}\n"));
        var to = string.Concat(Enumerable.Range(0, 2000).Select(i => $"common {i}\nnew {i}\n"));
        var changes = TextDiff.Compute(from, to);
        Assert.Equal(to, changes.Apply(from));
        Assert.Equal(to.IndexOf("common 1999", StringComparison.Ordinal),
            changes.MapPosition(from.IndexOf("common 1999", StringComparison.Ordinal)));
    }
}
