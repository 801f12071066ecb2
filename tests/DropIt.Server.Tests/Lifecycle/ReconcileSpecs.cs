using DropIt.Control.Workspaces;
using DropIt.Orchestrator;

namespace DropIt.Server.Tests.Lifecycle;

public sealed class ReconcileSpecs
{
    private static readonly DateTimeOffset s_now = DateTimeOffset.UnixEpoch.AddYears(50);

    // Enumerations of the server are internal, so the rows name them.
    [Theory]
    [InlineData("Awake", "Down", "Start")]
    [InlineData("Awake", "Starting", "None")]
    [InlineData("Awake", "Up", "None")]
    [InlineData("Awake", "Stopping", "None")]
    [InlineData("Asleep", "Down", "Rest")]
    [InlineData("Asleep", "Starting", "Abort")]
    [InlineData("Asleep", "Up", "Stop")]
    [InlineData("Asleep", "Stopping", "None")]
    [InlineData("Gone", "Down", "Delete")]
    [InlineData("Gone", "Starting", "Abort")]
    [InlineData("Gone", "Up", "Stop")]
    [InlineData("Gone", "Stopping", "None")]
    [InlineData("Gone", "Deleting", "None")]
    public void What_is_wanted_and_what_is_give_the_next_step(string wanted, string phase, string step) =>
        Assert.Equal(step, Reconcile.Decide(Enum.Parse<Wanted>(wanted), new Actual(Enum.Parse<Phase>(phase)), s_now).ToString());

    [Fact]
    public void What_broke_is_started_again_at_once_then_after_longer_and_longer()
    {
        var actual = new Actual(Phase.Up);
        var waits = new List<double>();
        for (var i = 0; i < 9; i++)
        {
            actual = Reconcile.Broken(actual, TimeSpan.Zero, s_now);
            waits.Add((actual.RetryAt - s_now).TotalSeconds);
        }

        Assert.Equal([0, 1, 2, 4, 8, 16, 30, 30, 30], waits);
        Assert.Equal(Step.None, Reconcile.Decide(Wanted.Awake, actual, s_now));
        Assert.Equal(Step.Start, Reconcile.Decide(Wanted.Awake, actual, actual.RetryAt));
    }

    [Fact]
    public void What_outgrows_its_disk_twice_in_a_row_waits_for_someone_to_ask()
    {
        var up = new Actual(Phase.Up);
        Assert.Null(Reconcile.Outgrown(up, last: default, s_now));
        Assert.Null(Reconcile.Outgrown(up, last: s_now.AddHours(-1), s_now));
        var stopped = Reconcile.Outgrown(up, last: s_now.AddMinutes(-2), s_now)!;
        Assert.Equal(Step.None, Reconcile.Decide(Wanted.Awake, stopped, s_now.AddYears(1)));
        Assert.Equal(Step.Rest, Reconcile.Decide(Wanted.Asleep, stopped, s_now));
    }

    [Fact]
    public void A_good_while_of_service_makes_earlier_failures_forgotten()
    {
        var often = new Actual(Phase.Up, Failures: 7);
        Assert.Equal(s_now, Reconcile.Broken(often, Reconcile.Well, s_now).RetryAt);
        Assert.Equal(s_now.AddSeconds(30), Reconcile.Broken(often, Reconcile.Well - TimeSpan.FromSeconds(1), s_now).RetryAt);
    }
}
