using DropIt.Control.Workspaces;
using DropIt.Orchestrator;
using DropIt.Protocol.Workspaces;

namespace DropIt.Server.Tests.Lifecycle;

public sealed class IdleSpecs
{
    private static readonly SleepRules s_rules = new(TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(60), MayNever: false);

    [Fact]
    public void It_sleeps_when_nobody_was_there_and_nothing_worked_for_the_whole_grace() =>
        Assert.Equal("Asleep: nobody was here for 15 minutes.", Assert.IsType<SleepDecision.Now>(Of(idle: 900)).Why);

    [Fact]
    public void Work_keeps_it_awake_and_so_does_every_moment_of_the_grace()
    {
        Assert.IsType<SleepDecision.Awake>(Of(idle: 899));
        Assert.IsType<SleepDecision.Awake>(Of(idle: 5000, reasons: ["node (7) uses the processor."]));
    }

    [Fact]
    public void A_page_that_nobody_uses_is_warned_before_it_sleeps()
    {
        Assert.IsType<SleepDecision.Awake>(Of(pages: 1, idle: 3479));
        Assert.Equal(new SleepDecision.Soon(120, "Nobody has used this workspace for 58 minutes."), Of(pages: 1, idle: 3480));
        Assert.Equal(new SleepDecision.Soon(1, "Nobody has used this workspace for 59 minutes."), Of(pages: 1, idle: 3599));
        Assert.Equal(
            "Asleep: the page was open, but nobody used it for 60 minutes.", Assert.IsType<SleepDecision.Now>(Of(pages: 1, idle: 3600)).Why);
    }

    [Fact]
    public void Whoever_chose_so_keeps_it_awake_while_a_program_runs()
    {
        Assert.IsType<SleepDecision.Now>(Of(idle: 900, running: ["sleep (7) is running."]));
        Assert.IsType<SleepDecision.Awake>(Of(SleepPolicy.WhenNothingRuns, idle: 90_000, running: ["sleep (7) is running."]));
        Assert.IsType<SleepDecision.Now>(Of(SleepPolicy.WhenNothingRuns, idle: 900));
    }

    [Fact]
    public void For_ever_is_only_where_the_operator_allows_it()
    {
        Assert.IsType<SleepDecision.Now>(Of(SleepPolicy.Never, idle: 900));
        Assert.IsType<SleepDecision.Awake>(Of(SleepPolicy.Never, idle: 900, running: ["sleep (7) is running."]));
        Assert.IsType<SleepDecision.Awake>(SleepDecision.Of(
            SleepPolicy.Never, new RunnerActivity(0, 90_000, [], []), s_rules with { MayNever = true }));
    }

    [Fact]
    public void What_stays_on_the_machine_because_the_workspace_is_full_is_said_when_it_sleeps()
    {
        var full = new RunnerActivity(0, 900, [], []) { LeftOut = "Not safe, on this machine only: dump.bin." };
        var sleeps = Assert.IsType<SleepDecision.Now>(SleepDecision.Of(SleepPolicy.WhenLeft, full, s_rules));
        Assert.Equal("Asleep: nobody was here for 15 minutes. Not safe, on this machine only: dump.bin.", sleeps.Why);
    }

    private static SleepDecision Of(
        SleepPolicy policy = SleepPolicy.WhenLeft, int pages = 0, long idle = 0, string[]? reasons = null, string[]? running = null) =>
        SleepDecision.Of(policy, new RunnerActivity(pages, idle, reasons ?? [], running ?? []), s_rules);
}
