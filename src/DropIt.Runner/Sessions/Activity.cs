using System.Text.Json;
using System.Text.Json.Serialization;
using DropIt.Protocol.Workspaces;

namespace DropIt.Runner.Sessions;

/// <summary>What keeps the workspace awake, and when it sleeps otherwise. The product's own probes never count.</summary>
internal sealed class Activity
{
    // Programs that ask for a public port again and again must not keep the workspace awake for ever.
    private static readonly TimeSpan s_visits = TimeSpan.FromHours(1);

    private readonly List<Func<string?>> _reasons = [];
    private readonly OpenSessions _sessions;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private Func<IReadOnlyList<string>> _running = () => [];
    private Func<long?> _bytes = () => null;
    private Func<(TimeSpan? Since, string? OnlyHere)> _unsafe = () => (null, null);
    private long _lastUse;
    private long _lastOwn;
    private SleepNotice? _notice;
    private DateTimeOffset _sleepsAt;

    /// <summary>Contributes <c>sleep</c> to the hello.</summary>
    public Activity(OpenSessions sessions, RequestTable requests, TimeProvider time)
    {
        (_sessions, _time, _lastUse, _lastOwn) = (sessions, time, time.GetUtcNow().UtcTicks, time.GetUtcNow().UtcTicks);
        sessions.Came += _ => Touch();
        sessions.Went += _ => Touch();
        sessions.AddHello("sleep", (_, writer) => JsonSerializer.Serialize(writer, Announced, SleepJson.Default.SleepEvent));
        requests.Add("awake.stay", (_, _, _) =>
        {
            Touch();
            return ValueTask.FromResult(Reply.Done);
        });
    }

    /// <summary>Why it goes to sleep now, for the pages; null while it does not.</summary>
    public string? Sleeps
    {
        get
        {
            lock (_gate)
            {
                return _notice is { Seconds: 0, Why: var why } ? why : null;
            }
        }
    }

    private SleepEvent? Announced
    {
        get
        {
            lock (_gate)
            {
                return _notice is { Seconds: > 0, Why: var why }
                    ? new SleepEvent(Math.Max(0, (long)(_sleepsAt - _time.GetUtcNow()).TotalSeconds), why)
                    : null;
            }
        }
    }

    /// <summary>Adds a rule: a sentence for the user while work keeps the workspace awake, else null. Before the first question only.</summary>
    public void AddReason(Func<string?> reason) => _reasons.Add(reason);

    /// <summary>Names the programs that run, a sentence each. Before the first question only.</summary>
    public void SetRunning(Func<IReadOnlyList<string>> running) => _running = running;

    /// <summary>Tells since when something is not safe, and what stays so. Before the first question only.</summary>
    public void SetUnsafe(Func<(TimeSpan? Since, string? OnlyHere)> unsafeNow) => _unsafe = unsafeNow;

    /// <summary>Tells how many bytes the workspace holds, without what it ignores. Before the first question only.</summary>
    public void SetBytes(Func<long?> bytes) => _bytes = bytes;

    /// <summary>A sign of a user, such as a key in a page or a preview request.</summary>
    public void Touch()
    {
        Volatile.Write(ref _lastOwn, _time.GetUtcNow().UtcTicks);
        Use();
    }

    /// <summary>A visit to a port that is shown to others: a sign of use until an hour after the last of someone of the workspace, or the start.</summary>
    public void TouchByVisitor()
    {
        if (_time.GetUtcNow().UtcTicks - Volatile.Read(ref _lastOwn) < s_visits.Ticks)
        {
            Use();
        }
    }

    private void Use()
    {
        Volatile.Write(ref _lastUse, _time.GetUtcNow().UtcTicks);
        lock (_gate)
        {
            if (_notice is not null)
            {
                _notice = null;
                Tell();
            }
        }
    }

    /// <summary>The present answer.</summary>
    public RunnerActivity Now()
    {
        List<string> reasons = [.. _reasons.Select(reason => reason()).OfType<string>()];
        if (reasons.Count > 0)
        {
            // Who left while something worked has the whole time from its end on.
            Volatile.Write(ref _lastUse, _time.GetUtcNow().UtcTicks);
        }

        var (since, onlyHere) = _unsafe();
        return new RunnerActivity(_sessions.Count, IdleSeconds(), reasons, _running())
        {
            UnsafeMilliseconds = (long)(since?.TotalMilliseconds ?? 0),
            LeftOut = onlyHere,
            Bytes = _bytes(),
        };
    }

    /// <summary>Takes in what the orchestrator says about sleep; false when someone has used the workspace since it asked.</summary>
    public bool TryTell(SleepNotice notice)
    {
        lock (_gate)
        {
            if (IdleSeconds() < notice.IdleSeconds)
            {
                return false;
            }

            _notice = notice.Seconds is null ? null : notice;
            _sleepsAt = _time.GetUtcNow() + TimeSpan.FromSeconds(notice.Seconds ?? 0);
            Tell();
            return true;
        }
    }

    private long IdleSeconds() =>
        Math.Max(0, (_time.GetUtcNow().UtcTicks - Volatile.Read(ref _lastUse)) / TimeSpan.TicksPerSecond);

    private void Tell() => _sessions.Broadcast("sleep", "sleep", Announced, SleepJson.Default.SleepEvent);
}

/// <summary>That the workspace sleeps soon.</summary>
/// <param name="Seconds">Until then.</param>
/// <param name="Why">A sentence for the user.</param>
internal sealed record SleepEvent(long Seconds, string Why);

/// <summary>JSON of sleep, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SleepEvent))]
internal sealed partial class SleepJson : JsonSerializerContext;
