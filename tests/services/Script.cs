using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace DropIt.Tests.Services;

/// <summary>The scripts beside this file, each of which runs a real server.</summary>
internal static class Script
{
    /// <summary>What a script prints, once it ended well.</summary>
    public static async Task<string> RunAsync(string name, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Checkout.Root, "tests", "services", name), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{name} {arguments[0]} failed (tests/install.sh installs what it needs): {await errors}");
    }

    /// <summary>The first port of a block that nobody has taken; blocks lie below what the kernel gives to clients.</summary>
    public static int FreePorts(int first, int step)
    {
        const int Blocks = 350;
        for (var block = Environment.ProcessId % Blocks; ; block = (block + 1) % Blocks)
        {
            var port = first + (block * step);
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                continue;
            }
        }
    }
}
