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

    private int _seen;

    /// <summary>
    /// Collects the ended orphans. A child that somebody in this process may still wait for is left alone: those of terminals, and any
    /// that was not there to collect at the call before.
    /// </summary>
    public unsafe void Reap()
    {
        var information = stackalloc int[32];
        while (true)
        {
            information[ProcessOffset] = 0;
            if (Libc.WaitForAnyChild(AnyChild, 0, (byte*)information, Libc.NoHang | ExitedOnly | LeaveWaitable) != 0)
            {
                return;
            }

            var process = information[ProcessOffset];
            if (process == 0 || terminals.Processes.Contains(process))
            {
                return;
            }

            if (process != _seen)
            {
                _seen = process;
                return;
            }

            _ = Libc.WaitForChild(process, out _, Libc.NoHang);
            _seen = 0;
        }
    }
}
