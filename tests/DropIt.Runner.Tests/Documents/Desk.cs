using DropIt.Runner.Documents;
using DropIt.Runner.Files;
using Microsoft.Extensions.Time.Testing;

namespace DropIt.Runner.Tests.Documents;

/// <summary>A workspace's documents on a real disk, with a clock that the test moves. The runner in it can be killed.</summary>
internal sealed class Desk : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dropit-desk-").FullName;

    public Desk()
    {
        Directory.CreateDirectory(Root);

        // Files written by the test look settled to a clock that is ahead of theirs.
        Time = new FakeTimeProvider(DateTimeOffset.UtcNow.AddHours(1));
        Documents = Start();
    }

    public string Root => Path.Combine(_folder, "root");

    public string State => Path.Combine(_folder, "state");

    public FakeTimeProvider Time { get; }

    public DocumentSet Documents { get; private set; }

    public Dictionary<string, string> Notices { get; } = [];

    public HashSet<(string Path, string Hash)> Journal { get; } = [];

    public string Full(string path) => Path.Combine(Root, path);

    public void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Full(path))!);
        File.WriteAllText(Full(path), text);
    }

    public string Read(string path) => File.ReadAllText(Full(path));

    public EditorTwin Open(string path, string client = "client01")
    {
        var editor = new EditorTwin(client).Connect(Documents, path);
        editor.Settle();
        return editor;
    }

    /// <summary>The timers of a keystroke run out.</summary>
    public void Wait(int milliseconds = 60)
    {
        // In steps: a timer that is set while another runs out is due from there on.
        for (; milliseconds > 0; milliseconds -= 10)
        {
            Time.Advance(TimeSpan.FromMilliseconds(Math.Min(10, milliseconds)));
        }
    }

    /// <summary>kill -9, and whatever happens to the disk before the next start.</summary>
    public void Kill(Action? meanwhile = null)
    {
        Documents.Dispose();
        meanwhile?.Invoke();
        Documents = Start();
        Documents.Recover();
    }

    public IEnumerable<string> Logs() => Directory.EnumerateFiles(Path.Combine(State, "documents"));

    public void Dispose()
    {
        Documents.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private DocumentSet Start() => new(
        new WorkspaceFiles(Root),
        State,
        Time,
        (id, _, message) =>
        {
            if (message.Length == 0)
            {
                Notices.Remove(id);
            }
            else
            {
                Notices[id] = message;
            }
        },
        (path, hash) => Journal.Contains((path, hash)),
        (_, _) => null);
}
