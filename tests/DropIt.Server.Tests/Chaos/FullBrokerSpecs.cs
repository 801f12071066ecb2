using DropIt.Server.Tests.Harness;
using DropIt.Tests.Chaos;
using DropIt.Tests.Services;

namespace DropIt.Server.Tests.Chaos;

/// <summary>A broker whose data lies on a small disk that is then filled to its last byte: what was an alarm elsewhere is here so.</summary>
[Collection(ChaosAlone.Name)]
public sealed class FullBrokerSpecs(ITestOutputHelper output)
{
    private const int Megabytes = 256; // it wants 50 to be left

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_broker_without_a_byte_of_room_is_told_as_not_safe_yet_and_loses_nothing_that_was_shown_as_safe()
    {
        SmallDisk? disk = null;
        await using var plant = await Plant.StartAsync(
            Checkout.Root, Built.Server, Built.Runner, async plant => disk = await SmallDisk.MountAsync(plant.Broker.Data, Megabytes));
        await using var mounted = disk;
        Assert.SkipWhen(disk is null, "a small disk can not be mounted here");
        var typists = new List<Typist>();
        for (var i = 0; i < 3; i++)
        {
            typists.Add(await plant.CreateAsync());
        }

        var ballast = Path.Combine(plant.Broker.Data, "ballast");
        var told = "";
        var full = new Fault(
            "disk full: RabbitMQ",
            async _ =>
            {
                using var page = await plant.SocketAsync(typists[0].Slug, Cancel);
                SmallDisk.Fill(ballast);
                told = (await ServerRig.ReadUntilAsync(page, "\"stalled\""))[^1];
            },
            async plant =>
            {
                // A queue whose log met the full disk too often is down until its broker starts anew; docs/operations.md tells operators.
                File.Delete(ballast);
                await plant.Broker.KillAsync();
                await plant.Broker.StartAsync();
            });
        var damage = await new Storm(1, TimeSpan.FromSeconds(4)).RunAsync(plant, typists, [full], 2, int.MaxValue, output.WriteLine);

        output.WriteLine(told);
        Assert.Matches("\"message\":\"[^\"]+\"", told);
        Assert.All(damage, found => Assert.Equal((0, 0), (found.Lost, found.Twice)));
        Assert.Equal(typists.Sum(typist => typist.Edits), damage[^1].Safe);
    }
}
