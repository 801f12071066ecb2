using DropIt.Runner.Terminals;

namespace DropIt.Runner.Tests.Terminals;

public sealed class TerminalClientSpecs
{
    private readonly TerminalClient _client = new((_, _) => true);

    [Fact]
    public void A_client_blocks_when_its_window_is_full_and_no_longer_once_it_acks()
    {
        Fill(0);
        Assert.True(_client.TryAck((uint)_client.Unacked, 5, out var back));
        Assert.False(back);
        Assert.False(_client.Blocks);
    }

    [Fact]
    public void The_window_grows_for_a_fast_client_and_shrinks_for_a_slow_one()
    {
        var now = 0L;
        for (var i = 0; i < 30; i++)
        {
            Fill(now);
            now += 2;
            Assert.True(_client.TryAck((uint)_client.Unacked, now, out _));
        }

        Assert.Equal(TerminalClient.MaxWindow, Fill(now));
        for (var i = 0; i < 30; i++)
        {
            now += 100;
            Assert.True(_client.TryAck((uint)_client.Unacked, now, out _));
            Fill(now);
        }

        Assert.InRange(_client.Unacked, 64 * 1024, 80 * 1024);
    }

    [Fact]
    public void Ten_seconds_without_an_ack_leave_a_client_behind_until_it_catches_up()
    {
        Fill(1000);
        Assert.Equal(11_000, _client.Deadline);
        _client.CheckDeadline(10_999);
        Assert.False(_client.Behind);
        _client.CheckDeadline(11_000);
        Assert.True(_client.Behind);
        Assert.False(_client.Blocks);
        var unacked = _client.Unacked;
        _client.Send(new byte[1000], 12_000);
        Assert.Equal(unacked, _client.Unacked);
        Assert.True(_client.TryAck((uint)unacked, 13_000, out var back));
        Assert.True(back);
        Assert.False(_client.Behind);
    }

    [Fact]
    public void Little_output_long_ago_is_not_behind()
    {
        _client.Send(new byte[1000], 0);
        Fill(60_000);
        _client.CheckDeadline(60_001);
        Assert.False(_client.Behind);
    }

    [Fact]
    public void An_ack_for_more_than_was_sent_is_refused()
    {
        _client.Send(new byte[10], 0);
        Assert.False(_client.TryAck(11, 0, out _));
        Assert.True(_client.TryAck(10, 0, out _));
    }

    private long Fill(long now)
    {
        while (!_client.Blocks)
        {
            _client.Send(new byte[1024], now);
        }

        return _client.Unacked;
    }
}
