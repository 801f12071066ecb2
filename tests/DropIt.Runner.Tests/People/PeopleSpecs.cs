using System.Text.Json.Nodes;
using DropIt.Protocol.Frames;
using DropIt.Protocol.Tickets;
using DropIt.Runner.Documents;
using DropIt.Runner.People;
using DropIt.Runner.Tests.Harness;

namespace DropIt.Runner.Tests.People;

/// <summary>Who is here, as every page is told.</summary>
public sealed class PeopleSpecs : IAsyncLifetime
{
    private readonly TestRunner _runner = new();

    public async ValueTask InitializeAsync()
    {
        _runner.Write("a.txt", "one two");
        _runner.Write("b.txt", "other");
        await _runner.StartAsync();
    }

    public ValueTask DisposeAsync() => _runner.DisposeAsync();

    [Fact]
    public async Task Everyone_is_told_who_comes_goes_and_shows_which_file_and_windows_of_one_person_are_one()
    {
        await using var ada = await ConnectAsync("ada", 1, Role.Owner);
        Assert.Equal(["ada owner -"], Names(ada.Hello["people"]!));
        Assert.Equal((1, 1), ((int)ada.Hello["user"]!, (int)ada.Hello["people"]!["here"]![0]!["id"]!));

        var second = await ConnectAsync("ada", 1, Role.Owner);
        Assert.Equal(["ada owner -"], Names(second.Hello["people"]!));

        await using var vera = await ConnectAsync("vera", 2, Role.Viewer);
        await HearsAsync(ada, "ada owner -", "vera viewer -");

        // A viewer is seen where they look.
        await OpenAsync(vera, "a.txt");
        await GoAsync(vera, 3);
        await HearsAsync(ada, "ada owner -", "vera viewer a.txt");

        // Of two windows it is the one used last.
        await OpenAsync(ada, "a.txt", "clientada");
        await GoAsync(ada, 1);
        await HearsAsync(vera, "ada owner a.txt", "vera viewer a.txt");
        await OpenAsync(second, "b.txt");
        await GoAsync(second, 1);
        await HearsAsync(vera, "ada owner b.txt", "vera viewer a.txt");
        await second.DisposeAsync();
        await HearsAsync(vera, "ada owner a.txt", "vera viewer a.txt");

        await ada.SendAsync(1, FrameType.Cursor, []);
        await HearsAsync(vera, "ada owner -", "vera viewer a.txt");
        await vera.DisposeAsync();
        await HearsAsync(ada, "ada owner -");
    }

    [Fact]
    public async Task A_place_reaches_the_others_over_their_sockets_and_goes_with_the_page()
    {
        await using var ada = await ConnectAsync("ada", 1, Role.Editor);
        var vera = await ConnectAsync("vera", 2, Role.Viewer);
        await OpenAsync(ada, "a.txt", "clientada");
        await OpenAsync(vera, "a.txt");
        await GoAsync(vera, 3);
        var (_, cursors) = await ada.FrameAsync(1, FrameType.Cursors);
        Assert.Equal([0, 2, 2, 1, 0, 5, 3, 3], cursors);
        await vera.DisposeAsync();
        Assert.Equal([0, 2, 0, 0], (await ada.FrameAsync(1, FrameType.Cursors)).Payload);
    }

    [Fact]
    public async Task Of_more_people_than_are_listed_the_number_is_told()
    {
        var pages = new List<TestPage>();
        for (var i = 1; i <= PeopleHere.MaxListed + 2; i++)
        {
            pages.Add(await ConnectAsync($"u{i}", i, Role.Viewer));
        }

        var people = pages[^1].Hello["people"]!;
        Assert.Equal((PeopleHere.MaxListed, 2), (people["here"]!.AsArray().Count, (int)people["more"]!));
        await pages[0].DisposeAsync();
        await pages[^1].EventAsync("people", e => (int)e["people"]!["more"]! == 1);
        foreach (var page in pages)
        {
            await page.DisposeAsync();
        }
    }

    private Task<TestPage> ConnectAsync(string user, int id, Role role) =>
        _runner.ConnectAsync(_runner.Ticket(role, user: user, userId: id), TestRunner.Origin);

    private static async Task OpenAsync(TestPage page, string path, string client = "client01")
    {
        await page.ResultAsync("document.open", new { channel = 1, path, client });
        await page.FrameAsync(1, FrameType.Snapshot);
    }

    private static Task GoAsync(TestPage page, uint at) =>
        page.SendAsync(1, FrameType.Cursor, DocumentFrames.Numbers(0, 0, 5, at, at).Span);

    private static async Task HearsAsync(TestPage page, params string[] people) =>
        await page.EventAsync("people", e => Names(e["people"]!).SequenceEqual(people));

    private static IEnumerable<string> Names(JsonNode people) =>
        people["here"]!.AsArray().Select(person => $"{person!["name"]} {person["role"]} {person["file"]?.ToString() ?? "-"}");
}
