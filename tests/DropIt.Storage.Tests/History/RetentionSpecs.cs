using DropIt.Storage.History;

namespace DropIt.Storage.Tests.History;

public sealed class RetentionSpecs
{
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 12, 30, 0, TimeSpan.Zero);

    [Fact]
    public void All_of_a_day_then_the_newest_of_each_hour_of_a_week_then_of_each_day_of_a_year()
    {
        var times = Enumerable.Range(0, 400 * 24 * 6).Select(i => Now - TimeSpan.FromMinutes(10 * i)).Reverse().ToList();

        var kept = Kept(new Retention { MaxVersions = int.MaxValue }, times, Now);

        Assert.Equal(144, kept.Count(time => Now - time < TimeSpan.FromDays(1)));
        var hourly = kept.Where(time => Now - time >= TimeSpan.FromDays(1) && Now - time < TimeSpan.FromDays(7)).ToList();
        Assert.Equal(144, hourly.Count);
        Assert.All(hourly, time => Assert.Equal(50, time.Minute));
        var daily = kept.Where(time => Now - time >= TimeSpan.FromDays(7)).ToList();
        Assert.Equal(358, daily.Count);
        Assert.All(daily, time => Assert.Equal((23, 50), (time.Hour, time.Minute)));
        Assert.All(kept, time => Assert.InRange(Now - time, TimeSpan.Zero, TimeSpan.FromDays(365)));
    }

    [Fact]
    public void The_newest_version_stays_however_old_it_is() =>
        Assert.Equal([Now.AddYears(-5)], Kept(new Retention(), [Now.AddYears(-6), Now.AddYears(-5)], Now));

    [Fact]
    public void Whenever_and_however_often_it_is_applied_the_same_is_kept()
    {
        for (var seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            var policy = Policy(random);
            var times = Times(random);
            var later = Now + (random.NextDouble() * policy.Daily * 1.5);
            var end = later + (random.NextDouble() * policy.Daily * 1.5);
            var fresh = Enumerable.Range(0, random.Next(20)).Select(_ => Now + (random.NextDouble() * (later - Now))).Order().ToList();

            var atOnce = Kept(policy, [.. times, .. fresh], end);
            var inSteps = Kept(policy, Kept(policy, [.. Kept(policy, times, Now), .. fresh], later), end);

            Assert.True(atOnce.SequenceEqual(inSteps), $"seed {seed}");
        }
    }

    [Fact]
    public void Nothing_goes_before_the_time_that_is_foretold_and_something_goes_then()
    {
        for (var seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            var policy = Policy(random);
            var kept = Kept(policy, Times(random), Now);

            var next = policy.Next(kept);

            Assert.True(next > Now, $"seed {seed}");
            if (next < DateTimeOffset.MaxValue)
            {
                Assert.True(kept.SequenceEqual(Kept(policy, kept, next - TimeSpan.FromTicks(1))), $"seed {seed}");
                Assert.True(Kept(policy, kept, next).Count < kept.Count, $"seed {seed}");
            }
        }
    }

    [Fact]
    public void There_are_never_more_than_the_bound_and_it_costs_the_newest_of_an_hour_last()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var times = Times(random);
            var policy = Policy(random) with { MaxVersions = random.Next(1, 60) };

            var kept = Kept(policy, times, Now);

            Assert.InRange(kept.Count, 1, policy.MaxVersions);
            Assert.Equal(times[^1], kept[^1]);
            var unbounded = Kept(policy with { MaxVersions = int.MaxValue }, times, Now);
            Assert.Subset(unbounded.ToHashSet(), kept.ToHashSet());
            var hours = unbounded.Select(time => time.UtcTicks / TimeSpan.TicksPerHour).Distinct().Count();
            Assert.Equal(
                Math.Min(hours, policy.MaxVersions), kept.Select(time => time.UtcTicks / TimeSpan.TicksPerHour).Distinct().Count());
        }
    }

    private static Retention Policy(Random random) => new()
    {
        All = TimeSpan.FromHours(random.Next(0, 30)),
        Hourly = TimeSpan.FromHours(random.Next(30, 200)),
        Daily = TimeSpan.FromDays(random.Next(9, 40)),
        MaxVersions = int.MaxValue,
    };

    /// <summary>Bursts of typing over some weeks, oldest first, up to now.</summary>
    private static List<DateTimeOffset> Times(Random random)
    {
        var times = new List<DateTimeOffset>();
        for (var burst = random.Next(1, 12); burst > 0; burst--)
        {
            var start = Now - TimeSpan.FromMinutes(random.Next(1, 60 * 24 * 50));
            times.AddRange(Enumerable.Range(0, random.Next(1, 20)).Select(i => start + TimeSpan.FromMinutes(i * random.Next(1, 40))));
        }

        return [.. times.Where(time => time <= Now).Append(Now - TimeSpan.FromMinutes(1)).Order()];
    }

    private static List<DateTimeOffset> Kept(Retention policy, IReadOnlyList<DateTimeOffset> times, DateTimeOffset now)
    {
        var keep = policy.Keep(times, now);
        return [.. times.Where((_, i) => keep[i])];
    }
}
