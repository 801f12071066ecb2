using DropIt.Runner.Documents;

namespace DropIt.Runner.Tests.Documents;

/// <summary>The write-ahead log: what was confirmed survives the kill of the runner, once.</summary>
public sealed class RecoverySpecs : IDisposable
{
    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public void What_was_confirmed_and_not_saved_is_written_at_the_next_start()
    {
        var editor = Typed();
        editor.Disconnect();
        _desk.Kill();
        Assert.Equal("typed text", _desk.Read("a.txt"));
        editor.Connect(_desk.Documents, "a.txt").Settle();
        Assert.Equal(1, editor.Snapshots);
        Assert.Equal("typed text", editor.Text);
    }

    [Fact]
    public void What_was_logged_and_not_confirmed_is_not_applied_again()
    {
        _desk.Write("a.txt", "text");
        var editor = _desk.Open("a.txt");
        editor.Type(0, "typed ");
        editor.Push();
        editor.Deliver();
        editor.Disconnect();
        _desk.Kill();
        editor.Connect(_desk.Documents, "a.txt").Settle();
        _desk.Wait();
        Assert.Equal("typed text", _desk.Read("a.txt"));
        Assert.Equal("typed text", editor.Text);
        Assert.Equal(0, editor.Unconfirmed);
    }

    [Fact]
    public void A_file_that_changed_meanwhile_is_merged_with_what_was_confirmed()
    {
        Typed().Disconnect();
        _desk.Kill(() => _desk.Write("a.txt", "text\nand more\n"));
        Assert.Equal("typed text\nand more\n", _desk.Read("a.txt"));
    }

    [Fact]
    public void A_file_that_came_back_in_an_earlier_state_gets_all_that_was_confirmed()
    {
        var editor = Typed();
        _desk.Wait();
        editor.Type(0, "more ");
        editor.Settle();
        _desk.Wait();
        Assert.Equal("more typed text", _desk.Read("a.txt"));
        editor.Disconnect();
        _desk.Kill(() => _desk.Write("a.txt", "typed text"));
        Assert.Equal("more typed text", _desk.Read("a.txt"));
    }

    [Fact]
    public void A_deleted_file_comes_back_only_with_what_was_not_saved()
    {
        Typed().Disconnect();
        _desk.Kill(() => File.Delete(_desk.Full("a.txt")));
        Assert.Equal("typed text", _desk.Read("a.txt"));
        _desk.Kill(() => File.Delete(_desk.Full("a.txt")));
        Assert.False(File.Exists(_desk.Full("a.txt")));
        Assert.Empty(_desk.Logs());
    }

    [Fact]
    public void A_kill_between_the_two_halves_of_a_save_leaves_no_doubt()
    {
        // The replacement was announced and did not happen: its temporary is still there.
        Typed().Disconnect();
        _desk.Kill(() =>
        {
            Append(new LogRecord.Saving(".dropit-0123.tmp", new string('0', 64)));
            _desk.Write(".dropit-0123.tmp", "typed text");
        });
        Assert.Equal("typed text", _desk.Read("a.txt"));
        Assert.False(File.Exists(_desk.Full(".dropit-0123.tmp")));

        // It happened, the record of that did not, and then a program wrote: its temporary is gone.
        var editor = new EditorTwin("client02").Connect(_desk.Documents, "a.txt");
        editor.Settle();
        editor.Type(0, "again ");
        editor.Settle();
        editor.Disconnect();
        _desk.Kill(() =>
        {
            Append(new LogRecord.Saving(".dropit-4567.tmp", new string('0', 64)));
            _desk.Write("a.txt", "again typed text!");
        });
        Assert.Equal("again typed text!", _desk.Read("a.txt"));
    }

    [Fact]
    public void A_client_is_known_over_a_clean_stop_and_a_change_meanwhile()
    {
        _desk.Write("a.txt", "text");
        var editor = _desk.Open("a.txt");
        editor.Type(0, "typed ");
        editor.Push();
        editor.Deliver();
        editor.Disconnect();
        _desk.Documents.Stop();
        _desk.Kill(() => _desk.Write("a.txt", "typed text\nmore\n"));
        editor.Connect(_desk.Documents, "a.txt").Settle();
        editor.Settle();
        Assert.Equal("typed text\nmore\n", editor.Text);
        _desk.Wait();
        Assert.Equal("typed text\nmore\n", _desk.Read("a.txt"));
    }

    [Fact]
    public void A_document_that_nobody_uses_leaves_memory_and_only_the_head_of_its_log()
    {
        var editor = Typed();
        _desk.Wait();
        editor.Settle();
        editor.Disconnect();
        var before = new FileInfo(Assert.Single(_desk.Logs())).Length;
        _desk.Time.Advance(TimeSpan.FromMinutes(3));
        Assert.InRange(new FileInfo(Assert.Single(_desk.Logs())).Length, 1, before - 1);
        editor.Connect(_desk.Documents, "a.txt").Settle();
        Assert.Equal(1, editor.Snapshots);
        Assert.Equal("typed text", editor.Text);
    }

    [Fact]
    public void A_log_that_grew_long_begins_anew()
    {
        _desk.Write("a.txt", "");
        var editor = _desk.Open("a.txt");
        for (var i = 0; i < 12; i++)
        {
            editor.Edit(DropIt.Protocol.Editing.ChangeSet.Replace(editor.Text.Length, 0, editor.Text.Length, new string((char)('a' + i), 500_000)));
            editor.Settle();
            _desk.Wait();
        }

        Assert.InRange(new FileInfo(Assert.Single(_desk.Logs())).Length, 500_000, 5_500_000);
        editor.Disconnect();
        _desk.Kill();
        editor.Connect(_desk.Documents, "a.txt").Settle();
        Assert.Equal(1, editor.Snapshots);
        Assert.Equal(_desk.Read("a.txt"), editor.Text);
    }

    private EditorTwin Typed()
    {
        _desk.Write("a.txt", "text");
        var editor = _desk.Open("a.txt");
        editor.Type(0, "typed ");
        editor.Settle();
        return editor;
    }

    private void Append(LogRecord record)
    {
        var to = new System.Buffers.ArrayBufferWriter<byte>();
        LogRecords.Write(to, record);
        using var log = new FileStream(Assert.Single(_desk.Logs()), FileMode.Append);
        log.Write(to.WrittenSpan);
    }
}
