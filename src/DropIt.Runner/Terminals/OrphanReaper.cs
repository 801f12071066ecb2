namespace DropIt.Runner.Terminals;

/// <summary>
/// Collects ended processes whose parent ended before them. As a subreaper the runner becomes their parent, which is also how a program
/// in the background stays recognisable as one of this workspace.
/// </summary>
/// <param name="terminals">Whose programs are not orphans.</param>
internal sealed class OrphanReaper(TerminalSet terminals)
{
    private const int AnyChild = 0;
    private const int ExitedOnly = 4;
    private const int LeaveWaitable = 0x01000000;
    private const int ProcessOffset = 4;

    private HashSet<int> _seen = [];

    /// <summary>
    /// Collects the ended orphans, however many. A child that somebody in this process may still wait for is left alone: those of terminals,
    /// and any that had not ended at the call before.
    /// </summary>
    public void Reap()
    {
        if (!AnyEnded())
        {
            _seen.Clear();
            return;
        }

        var ended = ProcessTable.Read()
            .Where(p => p.Zombie && p.Parent == Environment.ProcessId)
            .Select(p => p.Id)
            .Except(terminals.Processes)
            .ToHashSet();
        foreach (var orphan in ended.Intersect(_seen))
        {
            _ = Libc.WaitForChild(orphan, out _, Libc.NoHang);
        }

        ended.ExceptWith(_seen);
        _seen = ended;
    }

    /// <summary>Spares the walk through the process table while nothing has ended.</summary>
    private static unsafe bool AnyEnded()
    {
        var information = stackalloc int[32];
        information[ProcessOffset] = 0;
        return Libc.WaitForAnyChild(AnyChild, 0, (byte*)information, Libc.NoHang | ExitedOnly | LeaveWaitable) == 0 && information[ProcessOffset] != 0;
    }
}
