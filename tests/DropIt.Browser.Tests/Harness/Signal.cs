using System.Diagnostics;
using System.Globalization;

namespace DropIt.Browser.Tests.Harness;

/// <summary>Signals to processes.</summary>
internal static class Signal
{
    /// <summary>Sends one, such as <c>INT</c> or <c>KILL</c>; throws when there is no such process.</summary>
    public static void Send(int process, string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, process.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        if (kill.ExitCode != 0)
        {
            throw new InvalidOperationException($"Process {process} could not be sent {signal}: it does not exist.");
        }
    }
}
