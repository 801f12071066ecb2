using System.Security.Cryptography;
using System.Text;
using DropIt.Protocol.Editing;
using DropIt.Protocol.Frames;
using DropIt.Protocol.Tests.Editing;
using DropIt.Protocol.Tickets;
using DropIt.Protocol.Workspaces;
using DropIt.Tests.Fuzzing;

namespace DropIt.Protocol.Tests.Fuzzing;

/// <summary>What strangers send is refused or understood, and never breaks its reader.</summary>
public sealed class FuzzSpecs
{
    private static readonly string[] s_payloads =
    [
        """{"workspace":"abcdefghij","user":"someone","role":"editor","expires":1000060,"userId":1,"access":2}""",
        """{"workspace":null,"user":null,"role":"owner","expires":9223372036854775807}""",
        "null", "[]", "{}", "\"\"",
    ];

    private static Slug Workspace => Slug.TryParse("abcdefghij", out var slug) ? slug : throw new InvalidOperationException();

    [Fact]
    public void A_frame_says_the_same_when_it_is_written_again_or_is_none() => Fuzz.Run(
        "frames",
        [[0, 1], [0, 1, .. "{\"id\":1}"u8], [1, 16, 0, 1, 3, 1, 1, 97], [0xff, 0xff, 0xff, 0xff, 0x0f, 2]],
        input =>
        {
            if (Frame.TryRead(input, out var frame))
            {
                var again = new System.Buffers.ArrayBufferWriter<byte>();
                Frame.WriteHeader(again, frame.Channel, frame.Type);
                Assert.True(Frame.TryRead(again.WrittenMemory, out var same));
                Assert.Equal((frame.Channel, frame.Type), (same.Channel, same.Type));
                Assert.True(frame.Payload.Span.SequenceEqual(input.AsSpan(input.Length - frame.Payload.Length)));
            }
        });

    [Fact]
    public void A_change_set_that_is_read_can_be_applied_and_written_again() => Fuzz.Run(
        "changes",
        [.. SomeChanges().Select(changes => changes.ToBytes())],
        input =>
        {
            for (var length = 0; length <= 40; length += 4)
            {
                if (ChangeSet.TryRead(input, length, out var changes))
                {
                    var text = new string('x', length);
                    var applied = changes.Apply(text);
                    Assert.Equal(changes.NewLength, applied.Length);
                    Assert.True(ChangeSet.TryRead(changes.ToBytes(), length, out var again));
                    Assert.Equal(applied, again.Apply(text));
                    Assert.Equal(text, changes.Invert(text.Substring).Apply(applied));
                }
            }
        });

    [Fact]
    public void Changes_as_JSON_are_read_or_refused() => Fuzz.Run(
        "changes-json",
        [.. SomeChanges().Select(changes => Encoding.UTF8.GetBytes(changes.ToJson()))],
        input =>
        {
            if (ChangeSet.TryFromJson(Encoding.UTF8.GetString(input), out var changes))
            {
                Assert.True(ChangeSet.TryFromJson(changes.ToJson(), out var again));
                Assert.Equal(changes.ToJson(), again.ToJson());
            }
        });

    [Fact]
    public void Only_what_control_signed_is_a_ticket()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = DateTimeOffset.FromUnixTimeSeconds(1_000_000);
        var good = new Ticket(Workspace.Value, "someone", Role.Editor, 1_000_060, 1, 2);
        Fuzz.Run(
            "tickets",
            [.. new[] { good.Sign(key), good.Sign(foreign), (good with { Expires = 1 }).Sign(key), "." }.Select(Encoding.Latin1.GetBytes)],
            input =>
            {
                // 1. As it came: accepted only when it says what was signed.
                var error = Ticket.Check(Encoding.Latin1.GetString(input), key, Workspace, now, out var ticket);
                Assert.Equal(error == TicketError.None, ticket is not null);
                Assert.True(ticket is null || ticket == good);

                // 2. Properly signed, whatever it says.
                error = Ticket.Check(SignedText.Write(input, key), key, Workspace, now, out ticket);
                Assert.Equal(error == TicketError.None, ticket is not null);
            });
    }

    [Fact]
    public void A_signed_payload_of_any_form_is_a_ticket_or_none()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Fuzz.Run(
            "ticket-payloads",
            [.. s_payloads.Select(Encoding.UTF8.GetBytes)],
            input =>
            {
                var error = Ticket.Check(SignedText.Write(input, key), key, Workspace, DateTimeOffset.FromUnixTimeSeconds(1_000_000), out var ticket);
                Assert.Equal(error == TicketError.None, ticket is not null);
                Assert.True(ticket is null || ticket.Workspace == Workspace.Value);
            });
    }

    private static IEnumerable<ChangeSet> SomeChanges() =>
        Enumerable.Range(0, 40).Select(seed => RandomTexts.Changes(new Random(seed), RandomTexts.Text(new Random(seed), 30).Length));
}
