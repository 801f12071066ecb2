using DropIt.Protocol.Journal;
using DropIt.Runner.Journal;
using Microsoft.Extensions.Time.Testing;

namespace DropIt.Runner.Tests.Journal;

/// <summary>Who a change is said to be of, with a clock that is moved.</summary>
public sealed class AuthorshipSpecs
{
    private static readonly JournalChange[] s_changes = [new() { Path = "src/a.txt", Kind = ChangeKind.File }];

    private readonly FakeTimeProvider _time = new();
    private readonly Authorship _authors;

    public AuthorshipSpecs() => _authors = new Authorship(_time);

    [Fact]
    public void What_is_typed_while_an_earlier_entry_waits_to_be_taken_is_its_users_too()
    {
        _authors.Note("someone", "src/a.txt");
        var sent = _authors.Now;
        _time.Advance(TimeSpan.FromSeconds(20));
        _authors.Note("someone", "src/a.txt");
        _time.Advance(TimeSpan.FromMinutes(2));
        _authors.Forget(s_changes, sent);

        AssertOf(["someone"], programs: false);
    }

    [Fact]
    public void What_changes_after_all_that_was_typed_is_taken_is_a_programs()
    {
        _authors.Note("someone", "src");
        _time.Advance(TimeSpan.FromSeconds(6));
        AssertOf(["someone"], programs: false);
        _authors.Forget(s_changes, _authors.Now);

        AssertOf(null, programs: true);
    }

    [Fact]
    public void What_was_typed_a_moment_before_it_was_sent_may_be_saved_after_it()
    {
        _authors.Note("someone", "src/a.txt");
        _time.Advance(TimeSpan.FromSeconds(4));
        var sent = _authors.Now;
        _time.Advance(TimeSpan.FromMinutes(2));
        _authors.Forget(s_changes, sent);

        AssertOf(["someone"], programs: false);
    }

    private void AssertOf(string[]? users, bool programs)
    {
        var of = _authors.Of(s_changes);
        Assert.Equal(users, of.Users);
        Assert.Equal(programs, of.Programs);
    }
}
