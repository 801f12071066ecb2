using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>Each stack from the gallery to its output, with the real toolchain, the way a user goes.</summary>
public sealed class StackSpecs(Chromium chromium, SharedServer shared)
{
    private const int Minute = 60_000;

    [Theory]
    [InlineData("React + TypeScript", "src/App.tsx", "Hello, React")]
    [InlineData("Node.js + TypeScript", "src/page.ts", "Hello, TypeScript")]
    [InlineData("Node.js", "page.js", "Hello, Node.js")]
    [InlineData("Python + Flask", "templates/index.html", "Hello, Flask")]
    [InlineData("Go", "index.html", "Hello, Go")]
    [InlineData("C#", "Program.cs", "Hello, C#")]
    [InlineData("Static HTML", "index.html", "Hello, web")]
    public async Task An_edit_is_on_disk_and_the_preview_shows_it(string stack, string file, string heading)
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync(stack);

        await bench.OpenAsync(file);
        await bench.ReplaceWordAsync("Hello, ", "Howdy, ");
        await bench.NewTerminalAsync();
        await bench.CommandAsync($"grep -c 'Howdy, ' {file} | sed s/^/found=/", "found=1");

        await bench.RunAsync();
        await Expect(bench.Preview.GetByRole(AriaRole.Heading, new() { Name = heading.Replace("Hello", "Howdy", StringComparison.Ordinal) }))
            .ToBeVisibleAsync(new() { Timeout = 2 * Minute });

        await bench.StopButton.ClickAsync();
        await Expect(bench.RunButton).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_program_of_the_terminal_prints_and_reads_there()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("C++");

        await bench.OpenAsync("main.cpp");
        await bench.ReplaceWordAsync("Hello, ", "Howdy, ");
        await bench.RunAsync();
        await Expect(bench.Screen).ToContainTextAsync("Howdy, C++", new() { Timeout = Minute });
        await bench.CommandAsync("Ada", prints: "Nice to meet you, Ada!");
    }

    [Fact]
    public async Task An_empty_workspace_takes_the_first_file_of_its_user()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");

        await bench.NewTerminalAsync();
        await bench.CommandAsync("echo 'print(6 * 7)' > answer.py");
        await bench.OpenAsync("answer.py");
        await bench.HasTextAsync("print(6 * 7)\n");
        await bench.CommandAsync("python3 answer.py | sed s/^/answer=/", prints: "answer=42");
    }
}
