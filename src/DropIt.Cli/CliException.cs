namespace DropIt.Cli;

/// <summary>Something that the user can mend; the message says cause and cure.</summary>
internal sealed class CliException(string message, int code = CliException.Failed) : Exception(message)
{
    /// <summary>The server refused it, does not answer, or it broke on the way.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>As both, of <c>exec</c>, whose other codes are the command's.</summary>
    public const int ExecFailed = 125;

    /// <summary>What the program exits with.</summary>
    public int Code { get; } = code;
}
