using System.Diagnostics;
using DropIt.Protocol.Editing;
using DropIt.Runner.Documents;

namespace DropIt.Runner.Tests.Documents;

/// <summary>What a keystroke costs: printed, not judged. bench/ measures the whole way.</summary>
public sealed class KeystrokeFigures(ITestOutputHelper output)
{
    [Fact]
    public void A_keystroke_in_a_file_of_1_MB_is_applied_logged_and_confirmed()
    {
        using var desk = new Desk();
        desk.Write("large.ts", string.Concat(Enumerable.Range(0, 25_000).Select(i => $"const value{i:d6} = {i * 7919:d12}; // text\n")));
        var editor = desk.Open("large.ts");
        var (document, channel) = desk.Documents.Join("large.ts", open => new DocumentChannel(open, "client02", (_, _) => true, () => { }), out _)!.Value;
        document.Start(channel, null, 0);
        var length = editor.Text.Length;
        var (version, at) = (editor.Version, length / 2);
        var times = new List<double>();
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        const int Keys = 5000;
        for (var i = 0; i < Keys; i++)
        {
            var push = DocumentFrames.Push(version + (uint)i, (uint)i + 1, [ChangeSet.Replace(length + i, at + i, at + i, "x")]);
            var start = Stopwatch.GetTimestamp();
            document.Push(channel, push.Span);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        times.Sort();
        var save = Stopwatch.GetTimestamp();
        Assert.True(desk.Documents.FlushAll());
        output.WriteLine(
            $"{length} units: keystroke p50 {times[Keys / 2]:f1} us, p99 {times[Keys * 99 / 100]:f1} us, most {times[^1]:f0} us; "
            + $"{bytes / Keys} bytes allocated a key; one save {Stopwatch.GetElapsedTime(save).TotalMilliseconds:f1} ms");
        Assert.Equal(length + Keys, desk.Read("large.ts").Length);
    }
}
