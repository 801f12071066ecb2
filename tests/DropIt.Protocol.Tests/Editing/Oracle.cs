using System.Diagnostics;
using System.Text.Json;

namespace DropIt.Protocol.Tests.Editing;

/// <summary>The real CodeMirror in a Node process (tests/oracle), which is asked for random cases with their answers.</summary>
internal static class Oracle
{
    /// <summary>Cases of one seed, in order. Each element is valid until the next one is asked for.</summary>
    public static IEnumerable<JsonElement> Cases(int seed, int count)
    {
        var folder = Path.Combine(Checkout.Root, "tests", "oracle");
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
        {
            using var install = Start(folder, "npm", "ci", "--no-audit", "--no-fund");
            install.StandardInput.Close();
            install.StandardOutput.ReadToEnd();
            install.WaitForExit();
            Assert.True(install.ExitCode == 0, "npm ci in tests/oracle failed; its packages come from the npm registry.");
        }

        using var node = Start(folder, "node", "oracle.mjs");
        node.StandardInput.Write($"{seed} {count}\n");
        node.StandardInput.Close();
        while (node.StandardOutput.ReadLine() is { } line)
        {
            using var document = JsonDocument.Parse(line);
            yield return document.RootElement;
        }

        node.WaitForExit();
        Assert.Equal(0, node.ExitCode);
    }

    private static Process Start(string folder, string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardOutputEncoding = System.Text.Encoding.UTF8,
        })!;
}
