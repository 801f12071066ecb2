namespace DropIt.Storage.Objects;

/// <summary>Tells a full disk from other trouble.</summary>
internal static class DiskFull
{
    // ENOSPC and EDQUOT, as .NET carries them on Unix; 0x70 is what it makes of ENOSPC in some calls.
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int WindowsDiskFull = 0x70;

    /// <summary>True when the disk or the user's part of it is full.</summary>
    public static bool Is(IOException e) => (e.HResult & 0xFFFF) is NoSpace or QuotaExceeded or WindowsDiskFull;
}
