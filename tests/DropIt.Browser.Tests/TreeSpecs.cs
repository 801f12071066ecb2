using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>Files made, moved and removed in the tree, seen from a terminal.</summary>
public sealed class TreeSpecs(Chromium chromium, SharedServer shared)
{
    [Fact]
    public async Task A_file_is_made_filled_renamed_and_deleted()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        await bench.NewTerminalAsync();

        await bench.NewFileButton.ClickAsync();
        await bench.Page.Keyboard.TypeAsync("first.txt");
        await bench.Page.Keyboard.PressAsync("Enter");
        await Expect(bench.OpenFiles.GetByRole(AriaRole.Tab, new() { NameRegex = new("^first.txt") })).ToBeVisibleAsync();
        await bench.Editor.ClickAsync();
        await bench.Page.Keyboard.TypeAsync("hello tree");
        await bench.CommandAsync("cat first.txt", prints: "hello tree");

        await bench.File("first.txt").ClickAsync(new() { Button = MouseButton.Right });
        await bench.Page.GetByRole(AriaRole.Menuitem, new() { NameRegex = new("^Rename") }).ClickAsync();
        await bench.Page.Keyboard.PressAsync("Control+a");
        await bench.Page.Keyboard.TypeAsync("second.txt");
        await bench.Page.Keyboard.PressAsync("Enter");
        await Expect(bench.File("second.txt")).ToBeVisibleAsync();
        await Expect(bench.OpenFiles.GetByRole(AriaRole.Tab, new() { NameRegex = new("^second.txt") })).ToBeVisibleAsync();
        await bench.CommandAsync("ls; cat second.txt | tr a-z A-Z", prints: "HELLO TREE");

        await bench.File("second.txt").ClickAsync(new() { Button = MouseButton.Right });
        await bench.Page.GetByRole(AriaRole.Menuitem, new() { NameRegex = new("^Delete") }).ClickAsync();
        await Expect(bench.File("second.txt")).ToBeHiddenAsync();
        await bench.CommandAsync("ls second.txt 2>&1 | sed 's/.*No such/no such/'", prints: "no such file");
    }

    [Fact]
    public async Task An_uploaded_file_arrives_byte_for_byte()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        await bench.NewTerminalAsync();
        var bytes = new byte[300_000];
        new Random(1).NextBytes(bytes);

        var chooser = await bench.Page.RunAndWaitForFileChooserAsync(
            () => bench.Page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Upload") }).First.ClickAsync());
        await chooser.SetFilesAsync(new FilePayload { Name = "noise.bin", MimeType = "application/octet-stream", Buffer = bytes });

        await Expect(bench.File("noise.bin")).ToBeVisibleAsync();
        await bench.CommandAsync("sha256sum noise.bin", prints: Text.Sha256(bytes));
        await bench.File("noise.bin").ClickAsync();
        await Expect(bench.Page.GetByText("binary").First).ToBeVisibleAsync();
    }
}
