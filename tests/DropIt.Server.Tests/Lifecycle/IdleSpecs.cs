using DropIt.Orchestrator;
using DropIt.Protocol.Workspaces;

namespace DropIt.Server.Tests.Lifecycle;

public sealed class IdleSpecs
{
    private static readonly TimeSpan s_grace = TimeSpan.FromMinutes(15);

    [Fact]
    public void It_sleeps_when_nobody_is_there_and_nothing_works_for_the_whole_grace() =>
        Assert.Contains("15 minutes without use", IdleWatch.ReasonToSleep(new RunnerActivity(0, 900, []), s_grace)!, StringComparison.Ordinal);

    [Fact]
    public void A_page_a_reason_or_a_moment_too_early_keeps_it_awake()
    {
        Assert.Null(IdleWatch.ReasonToSleep(new RunnerActivity(1, 5000, []), s_grace));
        Assert.Null(IdleWatch.ReasonToSleep(new RunnerActivity(0, 5000, ["npm test runs in Terminal 1."]), s_grace));
        Assert.Null(IdleWatch.ReasonToSleep(new RunnerActivity(0, 899, []), s_grace));
    }
}
