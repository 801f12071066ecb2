using System.Text.Json;
using DropIt.Runner.Tests.Harness;
using DropIt.Tests.Fuzzing;

namespace DropIt.Runner.Tests.Sessions;

/// <summary>The published runner under frames that no page sends.</summary>
public sealed class StrangeFrameSpecs : IAsyncLifetime
{
    private readonly TestRunner _runner = new();

    public async ValueTask InitializeAsync() => await _runner.StartAsync();

    public async ValueTask DisposeAsync() => await _runner.DisposeAsync();

    [Fact]
    public async Task A_page_that_sends_nonsense_loses_its_own_connection_at_most()
    {
        await using var quiet = await _runner.ConnectAsync();
        var seed = Random.Shared.Next();
        var until = Environment.TickCount64 + (long)Fuzz.Time.TotalMilliseconds;
        var sent = 0;
        var page = await _runner.ConnectAsync();
        var closed = page.ClosedAsync();
        foreach (var input in Fuzz.Inputs("frames", GoldenFrame.Bytes(), new Random(seed)))
        {
            if (Environment.TickCount64 >= until)
            {
                break;
            }

            if (closed.IsCompleted)
            {
                await page.DisposeAsync();
                page = await _runner.ConnectAsync();
                closed = page.ClosedAsync();
            }

            sent++;
            await page.SendRawAsync(input).ContinueWith(_ => { }, TaskScheduler.Default); // it may be closed by now
        }

        await page.DisposeAsync();
        await closed.ContinueWith(_ => { }, TaskScheduler.Default);
        TestContext.Current.SendDiagnosticMessage($"{sent} frames, seed {seed}");
        Assert.True(sent > GoldenFrame.Bytes().Count, "There was no time for a spoiled frame.");

        // Whoever was there all the while was not disturbed, and the next one is served.
        Assert.True((long)(await quiet.ResultAsync("machine.look"))["memory"]! > 0, $"seed {seed}");
        await using var next = await _runner.ConnectAsync();
        Assert.Equal(JsonValueKind.Object, next.Hello.GetValueKind());
    }
}
