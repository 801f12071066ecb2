using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using DropIt.Protocol.Access;
using DropIt.Protocol.Tickets;

namespace DropIt.Runner.Sessions;

/// <summary>Answers one op. The element is the whole request and stays valid; the token ends with the socket.</summary>
internal delegate ValueTask<Reply> RequestHandler(Session session, JsonElement request, CancellationToken ct);

/// <summary>
/// Which ops there are. Filled before the first socket, read-only then.
/// <para>Requests of a session run side by side, at most <see cref="Session.MaxRequests"/>; those registered with <c>inOrder</c>
/// are answered before the next frame of the socket is read, so that channels open and close in the order of the frames.</para>
/// </summary>
internal sealed class RequestTable
{
    private readonly Dictionary<string, Op> _ops = new(StringComparer.Ordinal);

    /// <summary>Registers an op. Who may ask for it stands in <see cref="MessageRights"/>.</summary>
    /// <param name="op">Its name, such as <c>files.list</c>.</param>
    /// <param name="handler">Answers it; an exception is a bug, is logged and answered <c>failed</c>.</param>
    /// <param name="inOrder">Opens or closes a channel: must be quick, since the socket's other frames wait.</param>
    /// <exception cref="ArgumentException">It has not been said who may.</exception>
    public void Add(string op, RequestHandler handler, bool inOrder = false) => _ops.Add(op, new Op(
        MessageRights.Requests.TryGetValue(op, out var least) ? least > Role.Viewer : throw new ArgumentException($"who may {op}?", nameof(op)),
        inOrder,
        handler));

    /// <summary>Told of every request that changes something, ahead of its answer: user, op and request. Set before the first socket.</summary>
    public Action<string, string, JsonElement>? Edits { get; set; }

    /// <summary>Finds an op.</summary>
    public bool TryGet(string op, [NotNullWhen(true)] out Op? found) => _ops.TryGetValue(op, out found);

    /// <summary>A registered op; <c>Edits</c>: viewers are answered <c>denied</c>.</summary>
    internal sealed record Op(bool Edits, bool InOrder, RequestHandler Handler);
}

/// <summary>Reads the fields of a request. Each answers false when the field is missing or of another type.</summary>
internal static class RequestFields
{
    /// <summary>A string field.</summary>
    public static bool TryText(this JsonElement request, string name, [NotNullWhen(true)] out string? value)
    {
        value = null;
        if (!request.TryGetProperty(name, out var field) || field.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        try
        {
            value = field.GetString();
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate written as an escape is valid JSON and not a string.
            return false;
        }

        return value is not null;
    }

    /// <summary>A number field from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public static bool TryNumber(this JsonElement request, string name, long least, long most, out long value)
    {
        value = 0;
        return request.TryGetProperty(name, out var field)
            && field.ValueKind == JsonValueKind.Number
            && field.TryGetInt64(out value)
            && value >= least
            && value <= most;
    }

    /// <summary>The <c>channel</c> field, a number from 1.</summary>
    public static bool TryChannel(this JsonElement request, out uint channel)
    {
        var found = request.TryNumber("channel", 1, uint.MaxValue, out var number);
        channel = (uint)number;
        return found;
    }
}
