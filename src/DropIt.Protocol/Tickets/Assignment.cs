using System.Security.Cryptography;
using System.Text.Json;
using DropIt.Protocol.Workspaces;

namespace DropIt.Protocol.Tickets;

/// <summary>
/// What makes an unclaimed runner the runner of one workspace, signed by control (docs/protocol.md, "Claiming a runner").
/// </summary>
/// <param name="Options">What the runner is to be from now on.</param>
/// <param name="Expires">Unix time in seconds from which it is refused.</param>
public sealed record Assignment(RunnerOptions Options, long Expires)
{
    /// <summary>Longest accepted text, ten times what control writes.</summary>
    public const int MaxLength = 64 * 1024;

    /// <summary>Signs it. <paramref name="key"/> is control's private P-256 key.</summary>
    public string Sign(ECDsa key) =>
        SignedText.Write(JsonSerializer.SerializeToUtf8Bytes(this, WorkspaceJson.Default.Assignment), key);

    /// <summary>Checks signature and time of <paramref name="text"/>.</summary>
    /// <param name="text">What was presented.</param>
    /// <param name="key">Control's public key.</param>
    /// <param name="now">The present time.</param>
    /// <param name="options">The options when the answer is <see cref="TicketError.None"/>, else null.</param>
    public static TicketError Check(string text, ECDsa key, DateTimeOffset now, out RunnerOptions? options)
    {
        options = null;
        if (SignedText.Read(text, MaxLength, key, out var payload) is var error and not TicketError.None)
        {
            return error;
        }

        try
        {
            if (JsonSerializer.Deserialize(payload, WorkspaceJson.Default.Assignment) is not { Options: { } read } assignment)
            {
                return TicketError.Malformed;
            }

            if (now.ToUnixTimeSeconds() >= assignment.Expires)
            {
                return TicketError.Expired;
            }

            options = read;
            return TicketError.None;
        }
        catch (JsonException)
        {
            return TicketError.Malformed;
        }
    }
}
