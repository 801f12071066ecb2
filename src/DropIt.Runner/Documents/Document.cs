using System.Diagnostics.CodeAnalysis;
using DropIt.Protocol.Editing;
using DropIt.Protocol.Frames;

namespace DropIt.Runner.Documents;

/// <summary>
/// A document as the authority holds it: text, version, recent updates, and how it differs from the file on disk. No clock, no disk, no
/// socket; what it refuses are values. Not for several threads at once.
/// </summary>
internal sealed class Document
{
    /// <summary>Author of changes that came from the disk; no client id looks like it.</summary>
    public const string Disk = "disk";

    /// <summary>Author of changes that the runner makes for someone, over many files; no client id looks like it.</summary>
    public const string Runner = "runner";

    /// <summary>Updates kept for those who come back: about an hour of typing.</summary>
    public const int MaxHistory = 10_000;

    /// <summary>Bytes of updates kept: past them a snapshot is hardly larger.</summary>
    public const int MaxHistoryBytes = 4 * 1024 * 1024;

    /// <summary>Clients whose last sequence is kept; the one that was silent longest is forgotten first.</summary>
    public const int MaxClients = 1_000;

    /// <summary>Updates in one push: more than a page collects in a day without a connection.</summary>
    public const int MaxPush = 65_536;

    /// <summary>Pushed times accepted updates that one push may be rebased over, well under a second; past it a snapshot is cheaper.</summary>
    private const int MaxRebase = 500_000;

    private readonly List<(Update Update, int Bytes)> _history = [];
    private readonly Dictionary<string, (uint Sequence, uint Version)> _clients = [];
    private int _forgotten;
    private int _historyBytes;

    /// <summary>A document that equals its file.</summary>
    /// <param name="incarnation">Names this run of versions.</param>
    /// <param name="version">The version of <paramref name="text"/>.</param>
    /// <param name="text">The text.</param>
    /// <param name="sequences">Last sequence of each client.</param>
    public Document(string incarnation, uint version, string text, IEnumerable<KeyValuePair<string, uint>> sequences)
    {
        Incarnation = incarnation;
        Version = version;
        Text = new DocumentText(text);
        ToDisk = ChangeSet.Empty(text.Length);
        foreach (var (client, sequence) in sequences)
        {
            _clients[client] = (sequence, version);
        }
    }

    /// <summary>Names this run of versions.</summary>
    public string Incarnation { get; }

    /// <summary>Grows by one with each update.</summary>
    public uint Version { get; private set; }

    /// <summary>The newest text.</summary>
    public DocumentText Text { get; }

    /// <summary>Leads from the newest text to what is on disk.</summary>
    public ChangeSet ToDisk { get; private set; }

    /// <summary>The disk has the newest text.</summary>
    public bool IsSaved => ToDisk.IsEmpty;

    /// <summary>The oldest version that a client can go on from.</summary>
    public uint Oldest => Version - (uint)(_history.Count - _forgotten);

    /// <summary>Last sequence of each client.</summary>
    public IEnumerable<KeyValuePair<string, uint>> Sequences =>
        _clients.Select(client => KeyValuePair.Create(client.Key, client.Value.Sequence));

    /// <summary>The last sequence of <paramref name="client"/> that was applied; 0 for none.</summary>
    public uint LastSequence(string client) => _clients.GetValueOrDefault(client).Sequence;

    /// <summary>What came after <paramref name="version"/>; false when that is not known any more, or not yet.</summary>
    public bool TrySince(uint version, [NotNullWhen(true)] out IReadOnlyList<Update>? updates)
    {
        updates = null;
        if (version > Version || version < Oldest)
        {
            return false;
        }

        var count = (int)(Version - version);
        var since = new Update[count];
        for (var i = 0; i < count; i++)
        {
            since[i] = _history[_history.Count - count + i].Update;
        }

        updates = since;
        return true;
    }

    /// <summary>What a push would do; changes nothing.</summary>
    /// <param name="client">Who pushes.</param>
    /// <param name="payload">Of the frame: base version, first sequence, updates.</param>
    public PushResult Check(string client, ReadOnlySpan<byte> payload)
    {
        if (!Varint.TryRead(ref payload, out var version) || !Varint.TryRead(ref payload, out var first) || first == 0)
        {
            return PushResult.Malformed("a push starts with a version and a sequence from 1");
        }

        if (!TrySince(version, out var since))
        {
            return PushResult.Resync;
        }

        var length = since.Count == 0 ? Text.Length : since[0].Changes.Length;
        if (!TryReadUpdates(payload, client, first, length, out var pushed, out var reason))
        {
            return PushResult.Malformed(reason);
        }

        if ((long)pushed.Count * since.Count > MaxRebase)
        {
            return PushResult.Resync;
        }

        var updates = Update.Rebase(pushed, since);
        if (updates.Count == 0)
        {
            return PushResult.Nothing;
        }

        // An update that was applied before the base version cannot be applied again, nor can those that build on it.
        if (updates[0].Sequence <= LastSequence(client))
        {
            return PushResult.Resync;
        }

        return IsTooLarge(updates) ? PushResult.TooLarge : PushResult.Of(updates);
    }

    /// <summary>Applies an update of the newest version.</summary>
    public void Apply(Update update)
    {
        ToDisk = update.Changes.Invert(Text.Slice).Compose(ToDisk);
        Advance(update);
    }

    /// <summary>The file now holds <paramref name="text"/>: what that does to the document, which may have unsaved updates.</summary>
    public DiskMerge Merge(string text)
    {
        var current = Text.ToString();
        var onDisk = ToDisk.Apply(current);
        var unsaved = ToDisk.Invert((at, length) => current.Substring(at, length));
        var change = TextDiff.Compute(onDisk, text);
        var toDisk = unsaved.Map(change, before: true).Invert((at, length) => text.Substring(at, length));
        return new DiskMerge(change.IsEmpty ? null : new Update(Disk, 0, change.Map(unsaved)), toDisk);
    }

    /// <summary>Applies what <see cref="Merge"/> found.</summary>
    public void Apply(DiskMerge merge)
    {
        if (merge.Update is { } update)
        {
            Advance(update);
        }

        ToDisk = merge.ToDisk;
    }

    /// <summary>The file holds the newest text.</summary>
    public void Saved() => ToDisk = ChangeSet.Empty(Text.Length);

    /// <summary>The file holds <paramref name="text"/>, an earlier one of the document's own: what came after is to be saved again.</summary>
    public void FellBackTo(string text) => ToDisk = TextDiff.Compute(Text.ToString(), text);

    private static bool TryReadUpdates(
        ReadOnlySpan<byte> from, string client, uint first, int length, out List<Update> updates, out string reason)
    {
        updates = [];
        reason = "";
        while (!from.IsEmpty)
        {
            if (updates.Count == MaxPush || first > uint.MaxValue - (uint)updates.Count - 1)
            {
                reason = $"a push has at most {MaxPush} updates";
                return false;
            }

            if (!Varint.TryRead(ref from, out var count) || count > (uint)from.Length)
            {
                reason = "an update is cut short";
                return false;
            }

            if (!ChangeSet.TryRead(from[..(int)count], length, out var changes))
            {
                reason = $"a change set is malformed or not of a text of {length}";
                return false;
            }

            from = from[(int)count..];
            updates.Add(new Update(client, first + (uint)updates.Count, changes));
            length = changes.NewLength;
        }

        return true;
    }

    /// <summary>
    /// Whether the text would grow past <see cref="FileContent.MaxLength"/>. A unit takes at most three bytes; only what might be too large is counted.
    /// </summary>
    public bool IsTooLarge(IReadOnlyList<Update> updates)
    {
        if (updates[^1].Changes.NewLength * 3L <= FileContent.MaxLength)
        {
            return false;
        }

        if (updates[^1].Changes.NewLength > FileContent.MaxLength)
        {
            return true;
        }

        var text = updates.Aggregate(Text.ToString(), (text, update) => update.Changes.Apply(text));
        return System.Text.Encoding.UTF8.GetByteCount(text) > FileContent.MaxLength;
    }

    private void Advance(Update update)
    {
        update.Changes.ForEachChange((at, removed, text) => Text.Replace(at, removed, text));
        Version++;
        Remember(update);
        if (update.Client == Disk)
        {
            return;
        }

        _clients[update.Client] = (update.Sequence, Version);
        if (_clients.Count > MaxClients)
        {
            _clients.Remove(_clients.MinBy(client => client.Value.Version).Key);
        }
    }

    private void Remember(Update update)
    {
        var bytes = update.Changes.WireLength;
        _history.Add((update, bytes));
        _historyBytes += bytes;
        while (_historyBytes > MaxHistoryBytes || _history.Count - _forgotten > MaxHistory)
        {
            _historyBytes -= _history[_forgotten].Bytes;
            _history[_forgotten++] = default;
        }

        // Moving the rest to the front costs as much as was forgotten since the last time.
        if (_forgotten > 64 && _forgotten > _history.Count / 2)
        {
            _history.RemoveRange(0, _forgotten);
            _forgotten = 0;
        }
    }
}

/// <summary>What a change of the file does to the document.</summary>
/// <param name="Update">By <see cref="Document.Disk"/>; null when the text stays.</param>
/// <param name="ToDisk">Leads from the text after it to the file's.</param>
internal sealed record DiskMerge(Update? Update, ChangeSet ToDisk);

/// <summary>What becomes of a push.</summary>
internal enum PushOutcome
{
    /// <summary>Its updates are to be applied.</summary>
    Accepted,

    /// <summary>All of it was applied before.</summary>
    Nothing,

    /// <summary>It starts at a version that is unknown; the client needs a snapshot.</summary>
    Resync,

    /// <summary>The text would grow past <see cref="FileContent.MaxLength"/>.</summary>
    TooLarge,

    /// <summary>It breaks the protocol.</summary>
    Malformed,
}

/// <summary>The answer to a push.</summary>
/// <param name="Outcome">What becomes of it.</param>
/// <param name="Updates">Those to apply, for the newest version; with <see cref="PushOutcome.Accepted"/>.</param>
/// <param name="Reason">What is wrong; with <see cref="PushOutcome.Malformed"/>.</param>
internal sealed record PushResult(PushOutcome Outcome, IReadOnlyList<Update> Updates, string Reason)
{
    public static PushResult Nothing { get; } = new(PushOutcome.Nothing, [], "");

    public static PushResult Resync { get; } = new(PushOutcome.Resync, [], "");

    public static PushResult TooLarge { get; } = new(PushOutcome.TooLarge, [], "");

    public static PushResult Of(IReadOnlyList<Update> updates) => new(PushOutcome.Accepted, updates, "");

    public static PushResult Malformed(string reason) => new(PushOutcome.Malformed, [], reason);
}
