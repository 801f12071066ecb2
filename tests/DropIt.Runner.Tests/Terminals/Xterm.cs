using System.Diagnostics;
using System.Text.Json.Nodes;
using DropIt.Protocol.Frames;

namespace DropIt.Runner.Tests.Terminals;

/// <summary>A step of a terminal's life: a size, and what was printed in it.</summary>
internal sealed record Drawn(uint Columns, uint Rows, byte[] Bytes);

/// <summary>The real xterm.js (tests/oracle/screens.mjs), which shows what a page does.</summary>
internal sealed class Xterm : IDisposable
{
    private readonly Process _node;

    public Xterm()
    {
        var folder = Path.Combine(Checkout.Root, "tests", "oracle");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "@xterm")))
        {
            using var install = Start(folder, "npm", "ci", "--no-audit", "--no-fund");
            install.StandardInput.Close();
            install.StandardOutput.ReadToEnd();
            install.WaitForExit();
            Assert.True(install.ExitCode == 0, "npm ci in tests/oracle failed; its packages come from the npm registry.");
        }

        _node = Start(folder, "node", "screens.mjs");
    }

    /// <summary>
    /// What a terminal shows after these steps: rows with every cell's look, cursor, modes. Null when xterm.js itself fails on them.
    /// </summary>
    /// <param name="scrollback">With the lines above the screen.</param>
    public string? Shows(IReadOnlyList<Drawn> steps, bool scrollback)
    {
        var question = new JsonObject
        {
            ["columns"] = steps[0].Columns,
            ["rows"] = steps[0].Rows,
            ["scrollback"] = scrollback,
            ["steps"] = new JsonArray([.. steps.Select(step => new JsonObject
            {
                ["columns"] = step.Columns,
                ["rows"] = step.Rows,
                ["bytes"] = Convert.ToBase64String(step.Bytes),
            })]),
        };
        _node.StandardInput.WriteLine(question.ToJsonString());
        _node.StandardInput.Flush();
        var answer = JsonNode.Parse(_node.StandardOutput.ReadLine() ?? throw new InvalidOperationException("xterm.js ended"))!;
        return answer["failed"] is not null ? null : string.Join('\n', answer["rows"]!.AsArray().Select(row => (string?)row))
            + $"\n{answer["type"]} {answer["cursor"]!.ToJsonString()} {answer["hidden"]} {answer["modes"]}";
    }

    /// <summary>The parts of a restore frame's payload.</summary>
    public static List<Drawn> Parts(ReadOnlySpan<byte> payload)
    {
        var parts = new List<Drawn>();
        while (!payload.IsEmpty)
        {
            Assert.True(Varint.TryRead(ref payload, out var columns));
            Assert.True(Varint.TryRead(ref payload, out var rows));
            Assert.True(Varint.TryRead(ref payload, out var length));
            parts.Add(new Drawn(columns, rows, payload[..(int)length].ToArray()));
            payload = payload[(int)length..];
        }

        return parts;
    }

    public void Dispose()
    {
        _node.StandardInput.Close();
        _node.WaitForExit();
        _node.Dispose();
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
