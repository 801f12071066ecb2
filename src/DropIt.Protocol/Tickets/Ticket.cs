using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using DropIt.Protocol.Workspaces;

namespace DropIt.Protocol.Tickets;

/// <summary>What the holder of a ticket may do in the workspace.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Role>))]
public enum Role
{
    /// <summary>Reads files and watches terminals.</summary>
    [JsonStringEnumMemberName("viewer")] Viewer,

    /// <summary>Also edits, types into terminals and runs.</summary>
    [JsonStringEnumMemberName("editor")] Editor,

    /// <summary>May all an editor may; control gives it more elsewhere.</summary>
    [JsonStringEnumMemberName("owner")] Owner,

    /// <summary>The runner of the workspace, towards the storage service; opens nothing else.</summary>
    [JsonStringEnumMemberName("runner")] Runner,

    /// <summary>Nobody of the workspace: sees the preview of the ticket's port, and nothing else.</summary>
    [JsonStringEnumMemberName("visitor")] Visitor,
}

/// <summary>Why a ticket was refused.</summary>
public enum TicketError
{
    /// <summary>It was accepted.</summary>
    None,

    /// <summary>Not a ticket at all, or larger than <see cref="Ticket.MaxLength"/>.</summary>
    Malformed,

    /// <summary>The signature is not control's.</summary>
    BadSignature,

    /// <summary>Its time is over.</summary>
    Expired,

    /// <summary>It opens another workspace.</summary>
    OtherWorkspace,

    /// <summary>It shows one port, and is presented somewhere else.</summary>
    OtherPort,

    /// <summary>Someone lost access after it was signed: its holder asks for another, or is the one.</summary>
    Revoked,
}

/// <summary>
/// A short-lived permission to enter one workspace, signed by control (docs/protocol.md, "Connecting").
/// </summary>
/// <param name="Workspace">The slug it opens.</param>
/// <param name="User">Who holds it: control's name for the user.</param>
/// <param name="Role">What they may do.</param>
/// <param name="Expires">Unix time in seconds from which it is refused.</param>
/// <param name="UserId">Control's number of the user; 0 for the orchestrator.</param>
/// <param name="Access">
/// How often someone has lost access to the workspace before it was signed. A runner that knows of a later time refuses it, and learns of one from any ticket.
/// </param>
/// <param name="Port">Of a visitor: the only port whose preview it shows.</param>
public sealed record Ticket(string Workspace, string User, Role Role, long Expires, int UserId = 0, long Access = 0, int? Port = null)
{
    /// <summary>The cookie of a preview's origin that holds one.</summary>
    public const string PreviewCookie = "dropit";

    /// <summary>The header in which the gateway sends a visitor's ticket along with a request for a public port; from elsewhere it is dropped.</summary>
    public const string VisitorHeader = "Dropit-Visitor";

    /// <summary>Longest accepted text: four times what control writes, and small enough for a header.</summary>
    public const int MaxLength = 2048;

    /// <summary>Signs the ticket. <paramref name="key"/> is control's private P-256 key.</summary>
    public string Sign(ECDsa key) => SignedText.Write(JsonSerializer.SerializeToUtf8Bytes(this, TicketJson.Default.Ticket), key);

    /// <summary>Checks signature, time and workspace of <paramref name="text"/>.</summary>
    /// <param name="text">What the client presented.</param>
    /// <param name="key">Control's public key.</param>
    /// <param name="workspace">The only workspace to accept.</param>
    /// <param name="now">The present time.</param>
    /// <param name="ticket">The ticket when the answer is <see cref="TicketError.None"/>, else null.</param>
    public static TicketError Check(string text, ECDsa key, Slug workspace, DateTimeOffset now, out Ticket? ticket)
    {
        ticket = null;
        if (SignedText.Read(text, MaxLength, key, out var payload) is var error and not TicketError.None)
        {
            return error;
        }

        Ticket? read;
        try
        {
            read = JsonSerializer.Deserialize(payload, TicketJson.Default.Ticket);
        }
        catch (JsonException)
        {
            return TicketError.Malformed;
        }

        if (read is null)
        {
            return TicketError.Malformed;
        }

        if (now.ToUnixTimeSeconds() >= read.Expires)
        {
            return TicketError.Expired;
        }

        if (read.Workspace != workspace.Value)
        {
            return TicketError.OtherWorkspace;
        }

        ticket = read;
        return TicketError.None;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Ticket))]
internal sealed partial class TicketJson : JsonSerializerContext;
