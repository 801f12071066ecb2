using System.Text.Json;
using System.Text.Json.Serialization;
using DropIt.Protocol.Tickets;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.People;

/// <summary>Someone who has the workspace open; several windows of theirs are one person.</summary>
/// <param name="Id">Control's number of the user.</param>
/// <param name="Name">As control has it.</param>
/// <param name="Role">What they may do.</param>
/// <param name="File">The file that their window shows, of several the one used last; null when it shows none.</param>
internal sealed record Person(int Id, string Name, Role Role, string? File);

/// <summary>Who is here, as pages are told.</summary>
/// <param name="Here">In the order in which they came, at most <see cref="PeopleHere.MaxListed"/>.</param>
/// <param name="More">How many others there are.</param>
internal sealed record PeopleList(IReadOnlyList<Person> Here, int More);

/// <summary>Knows whose windows are open and which file each shows; tells all pages when that changes.</summary>
internal sealed class PeopleHere : IDisposable
{
    /// <summary>People listed in one event: a class of students with its teachers. Of more, every page is told only how many.</summary>
    public const int MaxListed = 64;

    /// <summary>Between a change and the event that tells of it: people who come together, or who leaf through files, make one event.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly OpenSessions _sessions;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<uint, Window> _windows = []; // in the order in which they came
    private long _uses;
    private bool _due;
    private PeopleList? _told;

    /// <summary>Contributes <c>user</c> (the receiver's own number) and <c>people</c> to the hello.</summary>
    public PeopleHere(OpenSessions sessions, TimeProvider time)
    {
        _sessions = sessions;
        _timer = time.CreateTimer(_ => Tell(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        sessions.Came += Come;
        sessions.Went += Go;
        sessions.AddHello("user", (session, writer) => writer.WriteNumberValue(session.Ticket.UserId));
        sessions.AddHello("people", (_, writer) => JsonSerializer.Serialize(writer, Now(), PeopleJson.Default.PeopleList));
    }

    /// <summary>A window shows a file, or <paramref name="shown"/> false, no longer does.</summary>
    public void Show(Session session, string file, bool shown)
    {
        lock (_gate)
        {
            if (!_windows.TryGetValue(session.Id, out var window) || (!shown && window.File != file))
            {
                return;
            }

            _windows[session.Id] = window with { File = shown ? file : null, Used = ++_uses };
            TellSoon();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Come(Session session)
    {
        lock (_gate)
        {
            _windows[session.Id] = new Window(session.Ticket, null, ++_uses);
            TellSoon();
        }
    }

    private void Go(Session session)
    {
        lock (_gate)
        {
            _windows.Remove(session.Id);
            TellSoon();
        }
    }

    private void TellSoon()
    {
        if (!_due)
        {
            _due = true;
            _timer.Change(Interval, Timeout.InfiniteTimeSpan);
        }
    }

    private void Tell()
    {
        lock (_gate)
        {
            _due = false;
            var now = Now();
            if (_told is not { } told || now.More != told.More || !now.Here.SequenceEqual(told.Here))
            {
                _told = now;
                _sessions.Broadcast("people", "people", now, PeopleJson.Default.PeopleList);
            }
        }
    }

    private PeopleList Now()
    {
        lock (_gate)
        {
            var people = _windows.GroupBy(window => window.Value.Ticket.UserId).ToList();
            return new PeopleList(
                [.. people.Take(MaxListed).Select(windows => Last(windows.Select(window => window.Value)))], Math.Max(0, people.Count - MaxListed));
        }
    }

    private static Person Last(IEnumerable<Window> windows)
    {
        var (ticket, file, _) = windows.MaxBy(window => window.Used)!;
        return new Person(ticket.UserId, ticket.User, ticket.Role, file);
    }

    private sealed record Window(Ticket Ticket, string? File, long Used);
}

/// <summary>JSON of who is here, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PeopleList))]
internal sealed partial class PeopleJson : JsonSerializerContext;
