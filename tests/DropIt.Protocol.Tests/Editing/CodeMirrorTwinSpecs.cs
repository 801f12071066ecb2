using System.Text.Json;
using DropIt.Protocol.Editing;

namespace DropIt.Protocol.Tests.Editing;

/// <summary>What CodeMirror computes, ours computes: equal as JSON, section for section.</summary>
public sealed class CodeMirrorTwinSpecs(ITestOutputHelper output)
{
    private const int Cases = 120_000;

    [Fact]
    public void Every_answer_equals_that_of_the_real_editor()
    {
        var seed = Random.Shared.Next(1, int.MaxValue);
        output.WriteLine($"seed {seed}");
        var done = 0;
        foreach (var example in Oracle.Cases(seed, Cases))
        {
            try
            {
                if (example.TryGetProperty("over", out _))
                {
                    CheckRebase(example);
                }
                else
                {
                    CheckAlgebra(example);
                }
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed}, case {done}: {example.GetRawText()}", e);
            }

            done++;
        }

        Assert.Equal(Cases, done);
    }

    private static void CheckAlgebra(JsonElement example)
    {
        var document = Text(example, "doc");
        var a = Changes(example.GetProperty("a"));
        var beside = Changes(example.GetProperty("beside"));
        var after = Changes(example.GetProperty("after"));
        var position = example.GetProperty("position").GetInt32();

        Assert.Equal(example.GetProperty("a").GetRawText(), a.ToJson());
        Assert.Equal(Text(example, "applied"), a.Apply(document));
        Assert.Equal(example.GetProperty("composed").GetRawText(), a.Compose(after).ToJson());
        Assert.Equal(example.GetProperty("mapped").GetRawText(), a.Map(beside).ToJson());
        Assert.Equal(example.GetProperty("mappedBefore").GetRawText(), a.Map(beside, before: true).ToJson());
        Assert.Equal(example.GetProperty("inverted").GetRawText(), a.Invert(document.Substring).ToJson());
        Assert.Equal(example.GetProperty("left").GetInt32(), a.MapPosition(position));
        Assert.Equal(example.GetProperty("right").GetInt32(), a.MapPosition(position, stickRight: true));
        Assert.Equal(example.GetProperty("desc").GetString(), a.ComposeDesc(after).ToString());
        Assert.Equal(example.GetProperty("mappedDesc").GetString(), a.Desc().MapDesc(beside, before: true).ToString());

        Assert.True(ChangeSet.TryRead(a.ToBytes(), document.Length, out var read));
        Assert.Equal(a.ToJson(), read.ToJson());
        Assert.False(ChangeSet.TryRead(a.ToBytes(), document.Length + 1, out _));
    }

    private static void CheckRebase(JsonElement example)
    {
        var rebased = Update.Rebase(Updates(example.GetProperty("updates")), Updates(example.GetProperty("over")));
        Assert.Equal(
            example.GetProperty("rebased").EnumerateArray().Select(changes => changes.GetRawText()),
            rebased.Select(update => update.Changes.ToJson()));
    }

    private static List<Update> Updates(JsonElement updates) =>
    [
        .. updates.EnumerateArray().Select(update => new Update(
            update.GetProperty("clientID").GetString()!,
            update.GetProperty("sequence").GetUInt32(),
            Changes(update.GetProperty("changes")))),
    ];

    private static string Text(JsonElement example, string name) => Changes(example.GetProperty(name)).Apply("");

    private static ChangeSet Changes(JsonElement json)
    {
        Assert.True(ChangeSet.TryFromJson(json.GetRawText(), out var changes));
        return changes;
    }
}
