using System.Diagnostics;
using System.Text.RegularExpressions;
using DropIt.Runner.Documents;

namespace DropIt.Runner.Search;

/// <summary>
/// One search, from its first file to its summary:
/// <list type="number">
/// <item>Files come from the tree, ignored ones left out.</item>
/// <item>Two workers read them, or the text that an editor has of them, and look.</item>
/// <item>What is found goes out in batches: the first at once, then every <see cref="BatchTime"/>.</item>
/// <item>It ends with the last file, or at the first bound that is met, and says so.</item>
/// </list>
/// </summary>
internal sealed class SearchRun(string root, DocumentSet documents, Action<IReadOnlyList<FileMatches>> emit)
{
    /// <summary>Matches of one search: more than anyone reads, and all of them fit the socket's queue.</summary>
    public const int MaxMatches = 10_000;

    /// <summary>Matches of one file.</summary>
    public const int MaxPerFile = 1_000;

    /// <summary>Units of text in all results, 4 MB on the wire as a rule.</summary>
    public const int MaxText = 2_000_000;

    /// <summary>Units of a line that are shown.</summary>
    public const int MaxPreview = 240;

    private const int Before = 40;
    private const int MaxNamed = 20;
    private const int MaxSlow = 20;
    private static readonly TimeSpan BatchTime = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly List<string> _tooLarge = [];
    private List<FileMatches> _batch = [];
    private long _sent;
    private int _files;
    private int _matches;
    private int _text;
    private int _searched;
    private int _binary;
    private int _tooLargeCount;
    private int _slow;
    private string? _stopped;

    /// <summary>Runs to the end; on the caller's thread and one more.</summary>
    /// <param name="paths">In the order in which they are looked at.</param>
    /// <param name="query">Checked by <see cref="LineMatcher.Of"/>.</param>
    /// <param name="ct">Ends it early, without an error.</param>
    public SearchSummary Run(IEnumerable<string> paths, SearchQuery query, CancellationToken ct)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        end.CancelAfter(MaxTime);
        try
        {
            Parallel.ForEach(
                paths.Where(query.Admits),
                new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = end.Token },
                () => (Matcher: LineMatcher.Of(query, out _)!, Text: new SearchableText()),
                (path, loop, worker) =>
                {
                    Look(path, query, worker.Matcher, worker.Text);
                    if (_stopped is not null)
                    {
                        loop.Stop();
                    }

                    SendWhenDue();
                    return worker;
                },
                worker => worker.Text.Dispose());
        }
        catch (OperationCanceledException)
        {
            _stopped ??= ct.IsCancellationRequested ? "cancelled" : "time";
        }

        Send();
        return new SearchSummary(_files, _matches, _searched, _binary, _tooLarge, _tooLargeCount, _slow, _stopped);
    }

    private void Look(string path, SearchQuery query, LineMatcher matcher, SearchableText reader)
    {
        ReadOnlySpan<char> text;
        var state = Searchable.Text;
        if (documents.UnsavedText(path) is { } unsaved)
        {
            text = unsaved;
        }
        else
        {
            state = reader.Read($"{root}/{path}", out text);
        }

        switch (state)
        {
            case Searchable.Text:
                Interlocked.Increment(ref _searched);
                break;
            case Searchable.Binary:
                Interlocked.Increment(ref _binary);
                return;
            case Searchable.TooLarge:
                NoteTooLarge(path);
                return;
            default:
                return;
        }

        try
        {
            if (MatchesOf(text, query, matcher, out var more) is { } matches)
            {
                Add(new FileMatches(path, matches, more));
            }
        }
        catch (RegexMatchTimeoutException)
        {
            if (Interlocked.Increment(ref _slow) >= MaxSlow)
            {
                _stopped ??= "slow";
            }
        }
    }

    private static List<SearchMatch>? MatchesOf(ReadOnlySpan<char> text, SearchQuery query, LineMatcher matcher, out bool more)
    {
        List<SearchMatch>? found = null;
        var past = false;
        matcher.Find(text, (number, _, line, match) =>
        {
            found ??= [];
            if (found.Count == MaxPerFile)
            {
                past = true;
                return false;
            }

            // The beginning of the line is shown while the match is near it.
            var from = match.At + match.Length <= MaxPreview - Before ? 0 : Math.Max(0, match.At - Before);
            var shown = line.Slice(from, Math.Min(MaxPreview, line.Length - from));
            found.Add(new SearchMatch(
                number + 1,
                match.At + 1,
                match.Length,
                Whole(shown).ToString(),
                match.At - from,
                query.Replacement is null ? null : matcher.ReplacementOf(line, match)));
            return true;
        });
        more = past;
        return found;
    }

    /// <summary>Not cut within a surrogate pair, which JSON could not say.</summary>
    private static ReadOnlySpan<char> Whole(ReadOnlySpan<char> text)
    {
        text = !text.IsEmpty && char.IsLowSurrogate(text[0]) ? text[1..] : text;
        return !text.IsEmpty && char.IsHighSurrogate(text[^1]) ? text[..^1] : text;
    }

    private void Add(FileMatches file)
    {
        lock (_gate)
        {
            if (_stopped is not null)
            {
                return;
            }

            _files++;
            _matches += file.Matches.Count;
            _text += file.Matches.Sum(match => match.Text.Length + (match.Replacement?.Length ?? 0));
            _batch.Add(file);
            if (_matches >= MaxMatches || _text >= MaxText)
            {
                _stopped = "matches";
            }
        }
    }

    private void NoteTooLarge(string path)
    {
        lock (_gate)
        {
            _tooLargeCount++;
            if (_tooLarge.Count < MaxNamed)
            {
                _tooLarge.Add(path);
            }
        }
    }

    private void SendWhenDue()
    {
        if (_batch.Count > 0 && Stopwatch.GetElapsedTime(Interlocked.Read(ref _sent)) > BatchTime)
        {
            Send();
        }
    }

    private void Send()
    {
        lock (_gate)
        {
            if (_batch.Count == 0)
            {
                return;
            }

            Interlocked.Exchange(ref _sent, Stopwatch.GetTimestamp());
            emit(_batch);
            _batch = [];
        }
    }
}
