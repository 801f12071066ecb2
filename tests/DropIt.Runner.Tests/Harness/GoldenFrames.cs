using System.Text.Json;
using DropIt.Protocol.Frames;

namespace DropIt.Runner.Tests.Harness;

/// <summary>A line of tests/golden/frames.json, which the page's tests read too: a frame byte by byte, and what it says.</summary>
internal sealed record GoldenFrame(string Name, Frame Frame, JsonElement Payload, string? Op)
{
    /// <summary>Those of the types that <paramref name="wanted"/> takes, each with its header checked.</summary>
    public static IReadOnlyList<GoldenFrame> Of(Predicate<FrameType> wanted)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(Checkout.Root, "tests/golden/frames.json")));
        return [.. file.RootElement.EnumerateArray().Select(Read).Where(golden => wanted(golden.Frame.Type))];
    }

    /// <summary>All of them, as bytes.</summary>
    public static IReadOnlyList<byte[]> Bytes()
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(Checkout.Root, "tests/golden/frames.json")));
        return [.. file.RootElement.EnumerateArray().Select(golden => Convert.FromHexString(golden.GetProperty("hex").GetString()!))];
    }

    /// <summary>Ours is the golden frame's payload, byte for byte.</summary>
    public void Is(ReadOnlyMemory<byte> ours) =>
        Assert.Equal(Convert.ToHexStringLower(Frame.Payload.Span), Convert.ToHexStringLower(ours.Span));

    /// <summary>Ours says the same as the golden frame's JSON, however it is escaped.</summary>
    public void Says(ReadOnlyMemory<byte> ours)
    {
        Assert.True(JsonElement.DeepEquals(Payload, JsonElement.Parse(Frame.Payload.Span)), $"the bytes of \"{Name}\"");
        Assert.True(
            JsonElement.DeepEquals(Payload, JsonElement.Parse(ours.Span)), System.Text.Encoding.UTF8.GetString(ours.Span));
    }

    public uint Number(string name) => Payload.GetProperty(name).GetUInt32();

    private static GoldenFrame Read(JsonElement golden)
    {
        var name = golden.GetProperty("name").GetString()!;
        Assert.True(Frame.TryRead(Convert.FromHexString(golden.GetProperty("hex").GetString()!), out var frame), name);
        Assert.Equal(golden.GetProperty("channel").GetUInt32(), frame.Channel);
        Assert.Equal(golden.GetProperty("type").GetString(), frame.Type.ToString().ToLowerInvariant());
        return new GoldenFrame(
            name, frame, golden.GetProperty("payload").Clone(), golden.TryGetProperty("op", out var op) ? op.GetString() : null);
    }
}
