using System.Globalization;
using DropIt.Control.Stacks;
using DropIt.Orchestrator.Sandboxes;

namespace DropIt.Server.Doctor;

/// <summary>Checks of the machine that the server, and on one machine its workspaces, live on.</summary>
internal static class Machine
{
    private const long GiB = 1L << 30;

    /// <summary>Below this the next <c>npm install</c> may not fit.</summary>
    private const long FewBytes = 5 * GiB;

    // Each watched folder is a watch, each runner an instance; what Debian gives a user by default is enough for some 20 workspaces.
    private const int FewWatches = 60_000;
    private const int FewInstances = 128;

    /// <summary>Can it be written, and is there room?</summary>
    public static Finding DataFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            using (new FileStream(
                Path.Combine(folder, $".doctor-{Guid.NewGuid():n}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
            {
            }

            var free = new DriveInfo(folder).AvailableFreeSpace;
            var room = string.Create(CultureInfo.InvariantCulture, $"{folder} can be written; {free / (double)GiB:0.0} GiB are free.");
            return free < FewBytes
                ? Finding.Warning(room, "Make room, or name a folder on a larger disk with --data: packages of a few workspaces may fill this one.")
                : Finding.Good(room);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.Bad($"{folder} cannot be written ({e.Message}).", "Give yourself the right to write there, or name another with --data.");
        }
    }

    /// <summary>Are there enough inotify watches for the folders of many workspaces?</summary>
    public static Finding Watches()
    {
        var watches = Limit("max_user_watches");
        var instances = Limit("max_user_instances");
        var sentence = $"The kernel gives a user {watches:n0} watches of folders and {instances:n0} watchers.";
        return watches < FewWatches || instances < FewInstances
            ? Finding.Warning(
                sentence + " A workspace that gets none looks at its files every few seconds instead.",
                "As root: sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=1024 (and the same in /etc/sysctl.d).")
            : Finding.Good(sentence);
    }

    /// <summary>Do workspaces run in a sandbox?</summary>
    public static async Task<Finding> SandboxAsync(Sandbox sandbox) => await sandbox.TrialAsync() is { Works: false } shown
        ? Finding.Warning($"Workspaces have no sandbox: {shown.Why}.", shown.Cure!)
        : Finding.Good($"Each workspace runs in a sandbox. {(await sandbox.TrialAsync()).Why}");

    /// <summary>Are the programs there that the stacks need?</summary>
    public static Finding Stacks(string templates)
    {
        var stacks = StackGallery.In(templates);
        var missing = stacks.SelectMany(stack => stack.Missing.Select(tool => tool.Message)).Distinct().ToList();
        var broken = stacks.Select(stack => stack.Error).OfType<string>().ToList();
        return (broken, missing) switch
        {
            ([_, ..], _) => Finding.Bad(string.Join(" ", broken), $"Mend that file below {templates}; docs/templates.md says what it holds."),
            (_, [_, ..]) => Finding.Warning(
                $"{stacks.Count(stack => stack.Missing.Count > 0)} of {stacks.Count} stacks lack a program.", string.Join(" ", missing)),
            _ => Finding.Good($"Every program that the {stacks.Count} stacks need is here."),
        };
    }

    private static int Limit(string name) =>
        File.Exists($"/proc/sys/fs/inotify/{name}")
            && int.TryParse(File.ReadAllText($"/proc/sys/fs/inotify/{name}"), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var limit)
            ? limit
            : 0;
}
