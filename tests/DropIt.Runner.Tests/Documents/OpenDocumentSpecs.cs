using System.Text;
using DropIt.Protocol.Editing;
using DropIt.Protocol.Frames;
using DropIt.Runner.Documents;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Tests.Documents;

/// <summary>A document between its editors and its file.</summary>
public sealed class OpenDocumentSpecs : IDisposable
{
    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public void What_is_typed_is_on_disk_within_50_ms_of_the_last_key()
    {
        _desk.Write("a.txt", "one\n");
        var editor = _desk.Open("a.txt");
        editor.Type(4, "two\n");
        editor.Settle();
        Assert.Equal("one\n", _desk.Read("a.txt"));
        _desk.Wait(50);
        editor.Settle();
        Assert.Equal("one\ntwo\n", _desk.Read("a.txt"));
        Assert.Equal(editor.Version, editor.Saved);
    }

    [Fact]
    public void Someone_who_never_pauses_is_saved_four_times_a_second()
    {
        _desk.Write("a.txt", "");
        var editor = _desk.Open("a.txt");
        for (var i = 0; i < 30; i++)
        {
            editor.Type(0, "x");
            editor.Settle();
            _desk.Wait(10);
        }

        Assert.NotEmpty(_desk.Read("a.txt"));
    }

    [Fact]
    public void Two_editors_and_a_program_meet_in_one_text()
    {
        _desk.Write("a.txt", "one\ntwo\nthree\n");
        var left = _desk.Open("a.txt");
        var right = _desk.Open("a.txt", "client02");
        left.Type(0, "LEFT ");
        right.Type(14, "RIGHT\n");
        left.Push();
        right.Push();
        left.Deliver();
        _desk.Write("a.txt", "one\n2\nthree\n");
        right.Deliver();
        _desk.Wait();
        left.Settle();
        right.Settle();
        Assert.Equal("LEFT one\n2\nthree\nRIGHT\n", left.Text);
        Assert.Equal(left.Text, right.Text);
        Assert.Equal(left.Text, _desk.Read("a.txt"));
        Assert.Contains(left.Received, update => update.Author == DocumentFrames.Disk);
    }

    [Fact]
    public void The_runners_own_writing_does_not_come_back_as_a_change()
    {
        _desk.Write("a.txt", "one");
        var editor = _desk.Open("a.txt");
        editor.Type(3, "!");
        editor.Settle();
        _desk.Wait();
        var version = editor.Version;
        _desk.Documents.FileChanged("a.txt");
        _desk.Wait(1000);
        editor.Settle();
        Assert.Equal(version, editor.Version);
        Assert.Empty(editor.Received);
    }

    [Fact]
    public void A_change_on_disk_is_a_small_update_not_a_replacement()
    {
        _desk.Write("a.txt", "line\n" + new string('x', 5000) + "\nend\n");
        var editor = _desk.Open("a.txt");
        _desk.Write("a.txt", "line\n" + new string('x', 5000) + "\nEND\n");
        _desk.Documents.FileChanged("a.txt");
        editor.Settle();
        Assert.Equal([(1u, "[5006,[3,\"END\"],1]")], editor.Received);
        Assert.Equal(editor.Version, editor.Saved);
    }

    [Fact]
    public void Mark_line_ends_and_mode_are_kept()
    {
        File.WriteAllText(_desk.Full("run.sh"), "\ufeffecho\r\n", new UTF8Encoding(false));
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute;
        File.SetUnixFileMode(_desk.Full("run.sh"), Mode);
        var editor = _desk.Open("run.sh");
        Assert.Equal("echo\n", editor.Text);
        editor.Type(5, "exit\n");
        editor.Settle();
        _desk.Wait();
        Assert.Equal("\ufeffecho\r\nexit\r\n"u8.ToArray(), File.ReadAllBytes(_desk.Full("run.sh")));
        Assert.Equal(Mode, File.GetUnixFileMode(_desk.Full("run.sh")));
    }

    [Fact]
    public void The_journals_word_reaches_the_version_that_had_the_content()
    {
        _desk.Write("a.txt", "");
        var editor = _desk.Open("a.txt");
        Assert.Null(editor.Safe);
        editor.Type(0, "one");
        editor.Settle();
        _desk.Wait();
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("one"u8));
        editor.Type(0, "two ");
        editor.Settle();
        _desk.Wait();
        _desk.Documents.MarkSafe("a.txt", hash);
        editor.Settle();
        Assert.Equal(1u, editor.Safe);
        Assert.Equal(2u, editor.Saved);
        _desk.Journal.Add(("a.txt", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("two one"u8))));
        editor.Disconnect();
        _desk.Kill();
        editor.Connect(_desk.Documents, "a.txt").Settle();
        Assert.Equal(2u, editor.Safe);
    }

    [Fact]
    public void A_deleted_file_takes_its_document_along_but_not_what_was_just_typed()
    {
        _desk.Write("kept.txt", "text");
        var editor = _desk.Open("kept.txt");
        editor.Type(0, "new ");
        editor.Settle();
        File.Delete(_desk.Full("kept.txt"));
        _desk.Documents.Deleted("kept.txt");
        _desk.Wait();
        Assert.Equal("new text", _desk.Read("kept.txt"));
        Assert.Null(editor.Gone);

        File.Delete(_desk.Full("kept.txt"));
        _desk.Documents.Deleted("kept.txt");
        _desk.Wait(1000);
        editor.Settle();
        Assert.Equal("deleted", editor.Gone?.Reason);
        Assert.Empty(_desk.Logs());
    }

    [Fact]
    public void A_moved_folder_takes_documents_along_and_their_editors_lose_nothing()
    {
        _desk.Write("old/a.txt", "text");
        var editor = _desk.Open("old/a.txt");
        editor.Type(0, "sent ");
        editor.Push();
        editor.Deliver();
        Directory.Move(_desk.Full("old"), _desk.Full("new"));
        _desk.Documents.Moved("old", "new");
        editor.Type(0, "unsent ");
        while (editor.Receive())
        {
        }

        Assert.Equal("new/a.txt", editor.Gone?.To);
        editor.Connect(_desk.Documents, "new/a.txt").Settle();
        editor.Settle();
        _desk.Wait();
        Assert.Equal("unsent sent text", _desk.Read("new/a.txt"));
        Assert.False(File.Exists(_desk.Full("old/a.txt")));
        Assert.Single(_desk.Logs());
    }

    [Fact]
    public void A_file_that_turns_into_something_else_closes_and_what_was_typed_stays_beside_it()
    {
        _desk.Write("a.txt", "text");
        var editor = _desk.Open("a.txt");
        editor.Type(0, "new ");
        editor.Settle();
        File.WriteAllBytes(_desk.Full("a.txt"), [0, 1, 2]);
        _desk.Wait();
        editor.Settle();
        Assert.Equal("unreadable", editor.Gone?.Reason);
        Assert.Equal([0, 1, 2], File.ReadAllBytes(_desk.Full("a.txt")));
        Assert.Equal("new text", _desk.Read("a.txt.unsaved"));
    }

    [Fact]
    public void What_the_disk_refuses_is_told_kept_and_tried_again()
    {
        _desk.Write("folder/a.txt", "text");
        var editor = _desk.Open("folder/a.txt");
        editor.Type(0, "new ");
        editor.Settle();
        Directory.Delete(_desk.Full("folder"), recursive: true);
        _desk.Write("folder", "a file where the folder was");
        Assert.False(_desk.Documents.FlushAll());
        Assert.Single(_desk.Notices);
        File.Delete(_desk.Full("folder"));
        _desk.Wait(5000);
        editor.Settle();
        Assert.Empty(_desk.Notices);
        Assert.Equal("new text", _desk.Read("folder/a.txt"));
        Assert.Equal(editor.Version, editor.Saved);
    }

    [Theory]
    [InlineData("missing.txt", ErrorCode.NotFound)]
    [InlineData("binary", ErrorCode.Binary)]
    [InlineData("large.txt", ErrorCode.TooLarge)]
    [InlineData("folder", ErrorCode.NotAFile)]
    public void What_is_no_document_is_refused(string path, object code)
    {
        File.WriteAllBytes(_desk.Full("binary"), [0x7f, 0x45, 0x4c, 0x46, 0]);
        _desk.Write("large.txt", new string('x', FileContent.MaxLength + 1));
        Directory.CreateDirectory(_desk.Full("folder"));
        Assert.Null(_desk.Documents.Join(path, open => new DocumentChannel(open, "client01", (_, _) => true, () => { }), out var refusal));
        Assert.Equal(code, refusal.Code);
    }

    [Theory]
    [InlineData(FrameType.Push, "")]
    [InlineData(FrameType.Push, "0000")]
    [InlineData(FrameType.Push, "000105")]
    [InlineData(FrameType.Push, "000103010178")]
    [InlineData(FrameType.Push, "0001020c00")]
    [InlineData(FrameType.Updates, "00")]
    public void Frames_that_break_the_protocol_change_nothing(FrameType type, string hex)
    {
        _desk.Write("a.txt", "text");
        var editor = _desk.Open("a.txt");
        Assert.Throws<ProtocolException>(() => editor.Send(Convert.FromHexString(hex), type));
        _desk.Wait();
        Assert.Equal("text", _desk.Read("a.txt"));
    }

    [Fact]
    public void A_push_from_the_future_or_the_forgotten_past_is_answered_by_a_snapshot()
    {
        _desk.Write("a.txt", "text");
        var editor = _desk.Open("a.txt");
        editor.Send(DocumentFrames.Push(7, 1, [ChangeSet.Empty(4)]).ToArray());
        while (editor.Receive())
        {
        }

        Assert.Equal(2, editor.Snapshots);
        Assert.Equal("text", editor.Text);
    }

    [Fact]
    public void A_text_past_5_MB_is_refused_and_stays_as_it_was()
    {
        _desk.Write("a.txt", new string('x', FileContent.MaxLength - 1));
        var editor = _desk.Open("a.txt");
        editor.Type(0, "€");
        editor.Settle();
        Assert.Equal("unreadable", editor.Gone?.Reason);
        _desk.Wait();
        Assert.Equal(FileContent.MaxLength - 1, new FileInfo(_desk.Full("a.txt")).Length);
    }
}
