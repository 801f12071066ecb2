using DropIt.Protocol.Editing;
using DropIt.Protocol.Frames;
using DropIt.Runner.Documents;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Tests.Documents;

/// <summary>Where people are in a document, as the others are told.</summary>
public sealed class CursorSpecs : IDisposable
{
    private const uint First = DocumentFrames.FirstOther;
    private readonly Desk _desk = new();

    public CursorSpecs() => _desk.Write("a.txt", "one two three");

    public void Dispose() => _desk.Dispose();

    [Fact]
    public void A_place_is_told_to_everyone_else_and_nothing_is_logged_of_it()
    {
        var (ada, ben) = (_desk.Open("a.txt", "clientada"), _desk.Open("a.txt", "clientben"));
        ada.Go(4, 7);
        Tell(ada, ben);
        Assert.Equal((7u, "4-7"), ben.Others[First]);
        Assert.Empty(ada.Others);
        Assert.Empty(_desk.Logs());
    }

    [Fact]
    public void A_place_moves_with_what_was_written_since_and_its_own_typing_takes_it_along()
    {
        var (ada, ben) = (_desk.Open("a.txt", "clientada"), _desk.Open("a.txt", "clientben"));
        ada.Go(4);
        ben.Type(0, "zero ");
        ben.Settle();

        // Told of a version that is over meanwhile.
        ada.Go(8, version: 0);
        Tell(ada, ben);
        Assert.Equal((7u, "13-13"), Assert.Single(ben.Others).Value);

        // Who comes later is told where everyone is by then, behind what they typed there.
        ada.Type(13, "and ");
        ben.Settle();
        ada.Settle();
        ben.Settle();
        ben.Type(17, "x");
        ben.Settle();
        var cleo = _desk.Open("a.txt", "clientcleo");
        Tell(cleo);
        Assert.Equal("17-17", Assert.Single(cleo.Others).Value.Ranges);
    }

    [Fact]
    public void A_place_is_gone_with_who_left_it()
    {
        var (ada, ben) = (_desk.Open("a.txt", "clientada"), _desk.Open("a.txt", "clientben"));
        ada.Go(4);
        Tell(ben);
        Assert.Single(ben.Others);
        ada.LookAway();
        Tell(ben);
        Assert.Empty(ben.Others);
        ada.Go(5);
        Tell(ben);
        Assert.Single(ben.Others);
        ada.Disconnect();
        Tell(ben);
        Assert.Empty(ben.Others);
    }

    [Fact]
    public void Only_the_latest_place_is_told_and_a_slow_page_hears_it_when_it_has_caught_up()
    {
        var (ada, ben, cleo) = (_desk.Open("a.txt", "clientada"), _desk.Open("a.txt", "clientben"), _desk.Open("a.txt", "clientcleo"));
        cleo.Slow = true;
        for (var i = 0; i < 10; i++)
        {
            ada.Go(i);
        }

        Tell(ben, cleo);
        Assert.Equal((1, "9-9"), (ben.CursorFrames, ben.Others[First].Ranges));
        Assert.Equal(0, cleo.CursorFrames);
        ada.Go(3);
        Tell(ben, cleo);
        cleo.Slow = false;
        Tell(cleo);
        Assert.Equal((1, "3-3"), (cleo.CursorFrames, cleo.Others[First].Ranges));
        Tell(ben, cleo);
        Assert.Equal((2, 1), (ben.CursorFrames, cleo.CursorFrames)); // nobody moves, nothing is sent
    }

    [Fact]
    public void Past_the_bound_people_edit_and_are_not_seen_doing_so()
    {
        var all = Enumerable.Range(0, OpenDocument.MaxCursors + 1).Select(i => _desk.Open("a.txt", $"client{i:000}")).ToList();
        foreach (var one in all)
        {
            one.Go(1);
        }

        _desk.Wait(2000);
        all[0].Settle();
        Assert.Equal(OpenDocument.MaxCursors - 1, all[0].Others.Count);
        all[^1].Type(0, "z");
        all[^1].Settle();
        all[0].Settle();
        Assert.Equal("zone two three", all[0].Text);

        // A place that becomes free is taken.
        all[1].Disconnect();
        all[^1].Go(2);
        _desk.Wait(2000);
        all[0].Settle();
        Assert.Equal(OpenDocument.MaxCursors - 1, all[0].Others.Count);
        Assert.Contains((7u, "2-2"), all[0].Others.Values);
    }

    [Theory]
    [InlineData(new byte[] { 0 })]
    [InlineData(new byte[] { 0, 0, 5 })]
    [InlineData(new byte[] { 0, 0, 5, 3 })]
    [InlineData(new byte[] { 0, 0, 5, 3, 3, 4 })]
    [InlineData(new byte[] { 0, 0, 5, 14, 3 })] // the text has 13 units
    [InlineData(new byte[] { 0, 0, 14, 3, 3 })]
    [InlineData(new byte[] { 0, 0, 5, 0xff, 0xff, 0xff, 0xff, 0x0f, 3 })]
    [InlineData(new byte[] { 0, 0, 5, 0xff, 0xff, 0xff, 0xff, 0xff, 3 })]
    public void What_is_no_place_in_the_text_breaks_the_protocol(byte[] payload)
    {
        var (ada, ben) = (_desk.Open("a.txt", "clientada"), _desk.Open("a.txt", "clientben"));
        Assert.Throws<ProtocolException>(() => ada.Send(payload, FrameType.Cursor));
        Tell(ben);
        Assert.Empty(ben.Others);
    }

    [Fact]
    public void A_cursor_has_a_bounded_number_of_ranges_and_one_of_a_text_to_come_is_let_go()
    {
        var (ada, ben) = (_desk.Open("a.txt", "clientada"), _desk.Open("a.txt", "clientben"));
        byte[] Ranges(int count) => [0, 0, 5, .. Enumerable.Repeat((byte)2, 2 * count)];
        ada.Send(Ranges(DocumentCursor.MaxRanges), FrameType.Cursor);
        Assert.Throws<ProtocolException>(() => ada.Send(Ranges(DocumentCursor.MaxRanges + 1), FrameType.Cursor));
        ada.Go(5, version: 1);
        Tell(ben);
        Assert.Equal(string.Join(' ', Enumerable.Repeat("2-2", DocumentCursor.MaxRanges)), ben.Others[First].Ranges);
    }

    [Fact]
    public void A_selection_does_not_grow_by_what_others_write_at_its_ends()
    {
        var cursor = new DocumentCursor(0, 0, 13, [(7, 4), (0, 0)]);
        Assert.Equal([(8, 5), (0, 0)], cursor.After(ChangeSet.Replace(13, 0, 0, "x"), own: false).Ranges);
        Assert.Equal([(8, 5), (0, 0)], cursor.After(ChangeSet.Replace(13, 4, 4, "x"), own: false).Ranges);
        Assert.Equal([(7, 4), (0, 0)], cursor.After(ChangeSet.Replace(13, 7, 7, "x"), own: false).Ranges);
        var replaced = cursor.After(ChangeSet.Replace(13, 2, 9, "abc"), own: false);
        Assert.Equal([(5, 5), (0, 0)], replaced.Ranges);

        // One's own caret goes along with what one types.
        Assert.Equal([(8, 5), (1, 1)], cursor.After(ChangeSet.Replace(13, 0, 0, "x"), own: true).Ranges);
    }

    private void Tell(params EditorTwin[] pages)
    {
        _desk.Wait(100);
        foreach (var page in pages)
        {
            page.Settle();
        }
    }
}
