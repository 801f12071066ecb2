using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using DropIt.Protocol.Tickets;
using DropIt.Protocol.Workspaces;
using DropIt.Runner.Machine;
using DropIt.Runner.Sessions;
using DropIt.Runner.Tests.Harness;
using Microsoft.Extensions.Time.Testing;
using Activity = DropIt.Runner.Sessions.Activity;

namespace DropIt.Runner.Tests.Sessions;

public sealed class SleepSpecs : IAsyncDisposable
{
    private readonly TestRunner _runner = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Fact]
    public void It_is_idle_since_the_last_use_or_the_end_of_the_last_work()
    {
        var requests = new RequestTable();
        var activity = new Activity(new OpenSessions(requests), requests, _time);
        string? work = null;
        activity.AddReason(() => work);
        activity.SetRunning(() => ["vite (7) is running."]);
        _time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(180, activity.Now().IdleSeconds);
        Assert.Equal(["vite (7) is running."], activity.Now().Running);

        activity.Touch();
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(60, activity.Now().IdleSeconds);

        work = "A test runs.";
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["A test runs."], activity.Now().Reasons);
        work = null;
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(120, activity.Now().IdleSeconds);
    }

    [Fact]
    public void Who_comes_in_the_last_moment_keeps_it_awake()
    {
        var requests = new RequestTable();
        var activity = new Activity(new OpenSessions(requests), requests, _time);
        _time.Advance(TimeSpan.FromMinutes(15));
        var asked = activity.Now().IdleSeconds;
        activity.Touch();
        Assert.False(activity.TryTell(new SleepNotice(0, "Nobody was here.", asked)));
        Assert.Null(activity.Sleeps);
        _time.Advance(TimeSpan.FromMinutes(15));
        Assert.True(activity.TryTell(new SleepNotice(0, "Nobody was here.", asked)));
        Assert.Equal("Nobody was here.", activity.Sleeps);
    }

    [Fact]
    public void Visits_keep_it_awake_until_an_hour_after_its_own_people()
    {
        var requests = new RequestTable();
        var activity = new Activity(new OpenSessions(requests), requests, _time);
        _time.Advance(TimeSpan.FromMinutes(59));
        activity.TouchByVisitor();
        Assert.Equal(0, activity.Now().IdleSeconds);
        _time.Advance(TimeSpan.FromMinutes(1));
        activity.TouchByVisitor();
        Assert.Equal(60, activity.Now().IdleSeconds);
        activity.Touch();
        _time.Advance(TimeSpan.FromMinutes(30));
        activity.TouchByVisitor();
        Assert.Equal(0, activity.Now().IdleSeconds);
    }

    [Fact]
    public void A_program_that_uses_the_processor_is_work_and_one_that_waits_is_not()
    {
        using var busy = Process.Start("sh", ["-c", "while :; do :; done"]);
        using var waiting = Process.Start("sleep", ["1000"]);
        try
        {
            var programs = new WorkingPrograms(() => [], _time);
            Assert.Null(programs.Reason());
            while (busy.TotalProcessorTime < TimeSpan.FromSeconds(0.5))
            {
                busy.Refresh();
            }

            _time.Advance(TimeSpan.FromSeconds(3));
            var reason = programs.Reason();
            Assert.Contains($"sh ({busy.Id})", reason, StringComparison.Ordinal);
            Assert.DoesNotContain($"({waiting.Id})", reason, StringComparison.Ordinal);
            Assert.Contains($"sleep ({waiting.Id}) is running.", programs.Running());
        }
        finally
        {
            busy.Kill();
            waiting.Kill();
        }
    }

    [Fact]
    public async Task Pages_see_the_countdown_and_one_sign_of_use_ends_it()
    {
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        Assert.Equal(HttpStatusCode.NoContent, await TellAsync(new SleepNotice(90, "Nobody has used it.", 0)));
        var soon = (await page.EventAsync("sleep"))["sleep"]!;
        Assert.InRange((int)soon["seconds"]!, 85, 90);
        Assert.Equal("Nobody has used it.", (string)soon["why"]!);
        await page.ResultAsync("awake.stay");
        Assert.Null((await page.EventAsync("sleep"))["sleep"]);
        Assert.Equal(HttpStatusCode.Conflict, await TellAsync(new SleepNotice(0, "Nobody has used it.", 3600)));
    }

    [Fact]
    public async Task A_page_is_told_that_the_workspace_sleeps_and_why()
    {
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        Assert.Equal(HttpStatusCode.NoContent, await TellAsync(new SleepNotice(0, "Nobody was here.", null)));
        var stopping = _runner.StopAsync();
        Assert.Equal("Nobody was here.", (string)(await page.EventAsync("asleep"))["reason"]!);
        Assert.Equal(0, await stopping);
    }

    [Fact]
    public async Task Only_the_orchestrator_may_put_it_to_sleep()
    {
        await _runner.StartAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await TellAsync(new SleepNotice(0, "Out.", null), Role.Owner));
    }

    public ValueTask DisposeAsync() => _runner.DisposeAsync();

    private async Task<HttpStatusCode> TellAsync(SleepNotice notice, Role role = Role.Runner)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/.dropit/sleep");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _runner.Ticket(role));
        request.Content = JsonContent.Create(notice, WorkspaceJson.Default.SleepNotice);
        await request.Content.LoadIntoBufferAsync();
        using var answer = await _runner.Http.SendAsync(request);
        return answer.StatusCode;
    }
}
