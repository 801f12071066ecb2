using System.Runtime.InteropServices;

namespace DropIt.Cli;

/// <summary>The terminal that this program was started in.</summary>
internal static class LocalTerminal
{
    private const int In = 0;
    private const int Out = 1;
    private const ulong GetWindowSize = 0x5413;

    // Room for the structure of any C library; its content is not looked at.
    private const int ModesLength = 256;

    /// <summary>Standard input is a terminal.</summary>
    public static bool Types => isatty(In) == 1;

    /// <summary>Standard output is a terminal.</summary>
    public static bool Shows => isatty(Out) == 1;

    /// <summary>Columns and rows; what a terminal usually has when there is none.</summary>
    public static (int Columns, int Rows) Size
    {
        get
        {
            var size = new ushort[4];
            return ioctl(Out, GetWindowSize, size) == 0 && size[0] is >= 1 and <= 1000 && size[1] is >= 1 and <= 1000 ? (size[1], size[0]) : (80, 24);
        }
    }

    /// <summary>Hands every key on as it is, Ctrl-C too, until the answer is disposed.</summary>
    public static IDisposable Raw()
    {
        var (before, raw) = (new byte[ModesLength], new byte[ModesLength]);
        _ = tcgetattr(In, before);
        before.CopyTo(raw, 0);
        cfmakeraw(raw);
        _ = tcsetattr(In, 0, raw);
        return new Modes(before);
    }

    private sealed class Modes(byte[] before) : IDisposable
    {
        public void Dispose() => _ = tcsetattr(In, 0, before);
    }

#pragma warning disable IDE1006 // the names of the C library
    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int isatty(int descriptor);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ioctl(int descriptor, ulong request, ushort[] size);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int tcgetattr(int descriptor, byte[] modes);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int tcsetattr(int descriptor, int when, byte[] modes);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void cfmakeraw(byte[] modes);
#pragma warning restore IDE1006
}
