using System.Text.Json;
using DropIt.Runner.Documents;

namespace DropIt.Runner.Tests.Documents;

/// <summary>Names of runs of versions: tests/golden/incarnations.json, which the page's tests read too.</summary>
public sealed class IncarnationSpecs : IDisposable
{
    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public void A_name_tells_what_its_run_of_versions_began_with_and_is_no_other_ones()
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(Checkout.Root, "tests/golden/incarnations.json")));
        Assert.All(file.RootElement.EnumerateArray(), golden =>
        {
            var text = golden.GetProperty("text").GetString()!;
            var name = Incarnation.Begin(text);
            Assert.StartsWith(golden.GetProperty("begins").GetString()!, name, StringComparison.Ordinal);
            Assert.NotEqual(name, Incarnation.Begin(text));
        });
    }

    [Fact]
    public void It_is_of_the_text_that_pages_see_and_stays_while_that_changes()
    {
        _desk.Write("a.txt", "\ufeffone\r\ntwo\r\n");
        var editor = _desk.Open("a.txt");
        Assert.StartsWith(Incarnation.Begin("one\ntwo\n")[..^16], editor.Incarnation, StringComparison.Ordinal);
        var name = editor.Incarnation;
        editor.Type(0, "more ");
        editor.Settle();
        editor.Disconnect();
        _desk.Kill();
        editor.Connect(_desk.Documents, "a.txt").Settle();
        Assert.Equal(name, editor.Incarnation);

        // What had its log is gone with it.
        editor.Disconnect();
        _desk.Kill(() => Directory.Delete(_desk.State, recursive: true));
        editor.Connect(_desk.Documents, "a.txt").Settle();
        Assert.StartsWith(Incarnation.Begin("more one\ntwo\n")[..^16], editor.Incarnation, StringComparison.Ordinal);
        Assert.NotEqual(name, editor.Incarnation);
    }
}
