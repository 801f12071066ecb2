using System.Globalization;
using System.Text;
using DropIt.Runner.Terminals;

namespace DropIt.Runner.Machine;

/// <summary>What <c>/proc/pid/stat</c> says of a process, beside its name and parents.</summary>
/// <param name="Id">The process.</param>
/// <param name="Parent">Its parent.</param>
/// <param name="Name">At most 15 bytes.</param>
/// <param name="Zombie">It ended and waits for its parent to notice.</param>
/// <param name="Ticks">Time on the processor, that of its ended children included; a hundredth of a second each.</param>
/// <param name="Started">After the machine's start; a hundredth of a second each. With the id it names the process for good.</param>
/// <param name="Memory">Resident bytes; what it shares with others is counted in each.</param>
internal sealed record MachineProcess(int Id, int Parent, string Name, bool Zombie, long Ticks, long Started, long Memory)
{
    private const int LongestCommand = 200;

    /// <summary>Reads the text of a stat file.</summary>
    public static bool TryParse(string stat, out MachineProcess? process)
    {
        process = null;
        if (!ProcessTable.TryParse(stat, out var entry))
        {
            return false;
        }

        // Behind the name: state, parent, ...; the manual of proc counts from the id, so its field 14 is number 11 here.
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 22)
        {
            return false;
        }

        var ticks = 0L;
        for (var i = 11; i <= 14; i++)
        {
            ticks += Number(fields[i]);
        }

        process = new MachineProcess(
            entry.Id, entry.Parent, entry.Name, entry.Zombie, ticks, Number(fields[19]), Number(fields[21]) * Environment.SystemPageSize);
        return true;
    }

    /// <summary>The process with this id now; null when there is none.</summary>
    public static MachineProcess? Read(int id)
    {
        try
        {
            return TryParse(File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat")), out var process)
                ? process
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>What it was started with, for people; its name when the system does not say.</summary>
    public string Command()
    {
        try
        {
            var bytes = File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{Id}/cmdline"));
            var text = Encoding.UTF8.GetString(bytes).TrimEnd('\0').Replace('\0', ' ');
            text = new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]).Trim();
            return text.Length == 0 ? Name : text.Length > LongestCommand ? text[..LongestCommand] : text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Name;
        }
    }

    private static long Number(string field) => long.TryParse(field, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
