using DropIt.Protocol.Editing;
using FsCheck.Xunit;

namespace DropIt.Protocol.Tests.Editing;

/// <summary>What holds for all change sets. FsCheck prints the seed of a counterexample.</summary>
public sealed class ChangeSetLawSpecs
{
    [Property(MaxTest = 2000)]
    public void Applying_a_composition_is_applying_both(int seed)
    {
        var random = new Random(seed);
        var text = RandomTexts.Text(random, 30);
        var first = RandomTexts.Changes(random, text.Length);
        var second = RandomTexts.Changes(random, first.NewLength);
        Assert.Equal(second.Apply(first.Apply(text)), first.Compose(second).Apply(text));
    }

    [Property(MaxTest = 2000)]
    public void Composition_does_not_depend_on_grouping(int seed)
    {
        var random = new Random(seed);
        var text = RandomTexts.Text(random, 30);
        var a = RandomTexts.Changes(random, text.Length);
        var b = RandomTexts.Changes(random, a.NewLength);
        var c = RandomTexts.Changes(random, b.NewLength);
        Assert.Equal(a.Compose(b).Compose(c).Apply(text), a.Compose(b.Compose(c)).Apply(text));
    }

    [Property(MaxTest = 2000)]
    public void Two_changes_of_one_text_meet_whichever_goes_first(int seed)
    {
        var random = new Random(seed);
        var text = RandomTexts.Text(random, 30);
        var a = RandomTexts.Changes(random, text.Length);
        var b = RandomTexts.Changes(random, text.Length);
        Assert.Equal(a.Compose(b.Map(a)).Apply(text), b.Compose(a.Map(b, before: true)).Apply(text));
    }

    [Property(MaxTest = 2000)]
    public void An_inverse_leads_back(int seed)
    {
        var random = new Random(seed);
        var text = RandomTexts.Text(random, 30);
        var changes = RandomTexts.Changes(random, text.Length);
        Assert.Equal(text, changes.Invert(text.Substring).Apply(changes.Apply(text)));
    }

    [Property(MaxTest = 2000)]
    public void The_wire_and_JSON_bring_the_same_back(int seed)
    {
        var random = new Random(seed);
        var changes = RandomTexts.Changes(random, RandomTexts.Text(random, 30).Length);
        Assert.True(ChangeSet.TryRead(changes.ToBytes(), changes.Length, out var fromWire));
        Assert.True(ChangeSet.TryFromJson(changes.ToJson(), out var fromJson));
        Assert.Equal(changes.ToJson(), fromWire.ToJson());
        Assert.Equal(changes.ToJson(), fromJson.ToJson());
    }

    [Property(MaxTest = 5000)]
    public void Any_bytes_are_read_or_refused_and_never_more(byte[] bytes, byte length)
    {
        if (ChangeSet.TryRead(bytes, length, out var changes))
        {
            Assert.Equal(length, changes.Length);
            _ = changes.Apply(new string('x', length));
        }
    }

    [Property(MaxTest = 2000)]
    public void A_damaged_change_set_is_read_or_refused_and_never_more(int seed)
    {
        var random = new Random(seed);
        var changes = RandomTexts.Changes(random, 20);
        var bytes = changes.ToBytes();
        if (bytes.Length > 0)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        if (ChangeSet.TryRead(bytes.AsSpan(random.Next(bytes.Length + 1)), 20, out var read))
        {
            Assert.Equal(20, read.Length);
        }
    }

    [Theory]
    [InlineData("ff")]
    [InlineData("ffffffff0f")]
    [InlineData("03")]
    [InlineData("0105")]
    [InlineData("01ffffffff0f")]
    [InlineData("02ffffffff0f")]
    [InlineData("0101ff")]
    [InlineData("020141")]
    [InlineData("2c")]
    public void Malformed_bytes_are_refused(string hex) =>
        Assert.False(ChangeSet.TryRead(Convert.FromHexString(hex), 10, out _));

    [Theory]
    [InlineData("")]
    [InlineData("[")]
    [InlineData("[1")]
    [InlineData("[1]x")]
    [InlineData("[-1]")]
    [InlineData("[1.5]")]
    [InlineData("[[]]")]
    [InlineData("[[1,2]]")]
    [InlineData("[[1,\"a]]")]
    [InlineData("[2147483647,1]")]
    [InlineData("[[1,\"\\u12\"]]")]
    public void Malformed_JSON_is_refused(string json) => Assert.False(ChangeSet.TryFromJson(json, out _));
}
