using System.Text.RegularExpressions;
using DropIt.Protocol.Editing;
using DropIt.Runner.Documents;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Search;

/// <summary>Which matches of a file are meant: all, or those at these places.</summary>
/// <param name="At">Line and column, both from 1; null means all.</param>
internal sealed record Chosen(IReadOnlySet<(int Line, int Column)>? At);

/// <summary>
/// Replaces matches in files and takes that back. A file is changed through its document, so whoever has it open sees a change and
/// loses nothing; what was replaced is looked for anew in the text as it is then.
/// </summary>
internal sealed class Replacing(string root, DocumentSet documents)
{
    private const int MaxKept = 20;
    private const int MaxKeptBytes = 8 * 1024 * 1024;
    private const int MaxNamed = 20;

    private readonly Lock _gate = new();
    private readonly Queue<(long Id, IReadOnlyList<(string Path, OwnEdit Edit)> Edits, int Bytes)> _kept = new();
    private long _last;

    /// <summary>Replaces.</summary>
    /// <param name="paths">The files to go through.</param>
    /// <param name="query">With a replacement.</param>
    /// <param name="chosen">What of a file is meant; null leaves it out.</param>
    /// <param name="except">Whether a match is left as it is.</param>
    /// <param name="ct">Ends it after the file under way; what is replaced by then can be undone.</param>
    public ReplaceResult Replace(
        IEnumerable<string> paths,
        SearchQuery query,
        Func<string, Chosen?> chosen,
        Func<string, int, int, bool> except,
        CancellationToken ct)
    {
        var matcher = LineMatcher.Of(query, out _)!;
        using var reader = new SearchableText();
        var tally = new Tally();
        foreach (var path in paths)
        {
            if (ct.IsCancellationRequested)
            {
                break;
            }

            if (chosen(path) is not { } which || !Has(path, matcher, reader))
            {
                continue;
            }

            var count = 0;
            var edit = documents.Edit(
                path, document => document.Edit(text => ChangesOf(path, text, matcher, which, except, out count)), out var refusal);
            tally.Add(path, edit, refusal, count);
        }

        return tally.Result(Keep(tally.Edits));
    }

    /// <summary>Takes a replacement back; null when it is not known (any more).</summary>
    public ReplaceResult? Undo(long id)
    {
        IReadOnlyList<(string Path, OwnEdit Edit)>? edits = null;
        lock (_gate)
        {
            foreach (var kept in _kept)
            {
                edits = kept.Id == id ? kept.Edits : edits;
            }

            if (edits is null)
            {
                return null;
            }

            // Once is enough: the second undo would be one of nothing.
            var others = _kept.Where(kept => kept.Id != id).ToArray();
            _kept.Clear();
            foreach (var kept in others)
            {
                _kept.Enqueue(kept);
            }
        }

        var tally = new Tally();
        foreach (var (path, edit) in edits)
        {
            tally.Add(path, documents.Edit(path, document => document.Undo(edit), out var refusal), refusal, 0);
        }

        return tally.Result(undo: null);
    }

    private bool Has(string path, LineMatcher matcher, SearchableText reader)
    {
        ReadOnlySpan<char> text;
        if (documents.UnsavedText(path) is { } unsaved)
        {
            text = unsaved;
        }
        else if (reader.Read($"{root}/{path}", out text) != Searchable.Text)
        {
            return false;
        }

        var found = false;
        try
        {
            matcher.Find(text, (_, _, _, _) => !(found = true));
        }
        catch (RegexMatchTimeoutException)
        {
            // A search gives such a file up too.
        }

        return found;
    }

    private static ChangeSet ChangesOf(
        string path, string text, LineMatcher matcher, Chosen chosen, Func<string, int, int, bool> except, out int count)
    {
        var edits = new List<(int, int, string)>();
        try
        {
            matcher.Find(text, (number, start, line, match) =>
            {
                var place = (number + 1, match.At + 1);
                if (chosen.At?.Contains(place) != false
                    && !except(path, place.Item1, place.Item2)
                    && matcher.ReplacementOf(line, match) is { } by
                    && !line.Slice(match.At, match.Length).SequenceEqual(by))
                {
                    edits.Add((start + match.At, match.Length, by));
                }

                return true;
            });
        }
        catch (RegexMatchTimeoutException)
        {
            edits.Clear();
        }

        count = edits.Count;
        return ChangeSet.Replace(text.Length, edits);
    }

    private long? Keep(IReadOnlyList<(string Path, OwnEdit Edit)> edits)
    {
        var bytes = edits.Sum(edit => edit.Edit.Undo!.WireLength);
        if (edits.Count == 0 || bytes > MaxKeptBytes)
        {
            return null;
        }

        lock (_gate)
        {
            while (_kept.Count >= MaxKept || (_kept.Count > 0 && _kept.Sum(kept => kept.Bytes) + bytes > MaxKeptBytes))
            {
                _kept.Dequeue();
            }

            _kept.Enqueue((++_last, edits, bytes));
            return _last;
        }
    }

    /// <summary>Counts what was done.</summary>
    private sealed class Tally
    {
        private readonly List<FailedFile> _failed = [];
        private int _failedCount;
        private int _matches;

        public List<(string Path, OwnEdit Edit)> Edits { get; } = [];

        public void Add(string path, OwnEdit? edit, Reply refusal, int count)
        {
            if (edit?.Undo is not null)
            {
                Edits.Add((path, edit));
                _matches += count;
            }
            else if ((edit is null ? refusal.Message : edit.Problem) is { } problem)
            {
                _failedCount++;
                if (_failed.Count < MaxNamed)
                {
                    _failed.Add(new FailedFile(path, problem));
                }
            }
        }

        public ReplaceResult Result(long? undo) => new(Edits.Count, _matches, undo, _failed, _failedCount);
    }
}
