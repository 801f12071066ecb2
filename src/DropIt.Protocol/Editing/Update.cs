namespace DropIt.Protocol.Editing;

/// <summary>A change with who made it.</summary>
/// <param name="Client">The author's client id.</param>
/// <param name="Sequence">The author's number of it, from 1.</param>
/// <param name="Changes">What it does.</param>
public sealed record Update(string Client, uint Sequence, ChangeSet Changes)
{
    /// <summary>
    /// Moves <paramref name="updates"/> of one client, which start at some version, over those that were accepted since.
    /// <para>Over one after the other, as the pages do with what they receive. <c>rebaseUpdates</c> of <c>@codemirror/collab</c> composes
    /// them first, and then an insertion beside a deletion and an insertion may come to stand on another side than in the page that made it:
    /// the texts differ from there on. And a client's own updates are known by their sequence, not by their order.</para>
    /// </summary>
    /// <param name="updates">Consecutive, sequences without gaps.</param>
    /// <param name="over">All that was accepted since their version.</param>
    /// <returns>Those not accepted yet, for the newest version.</returns>
    public static IReadOnlyList<Update> Rebase(IReadOnlyList<Update> updates, IReadOnlyList<Update> over)
    {
        if (updates.Count == 0 || over.Count == 0)
        {
            return updates;
        }

        Update[] moved = [.. updates];
        var accepted = 0;
        foreach (var update in over)
        {
            if (accepted < moved.Length && moved[accepted].Client == update.Client && moved[accepted].Sequence == update.Sequence)
            {
                accepted++;
                continue;
            }

            ChangeDesc theirs = update.Changes;
            for (var i = accepted; i < moved.Length; i++)
            {
                var ours = moved[i].Changes;
                moved[i] = moved[i] with { Changes = ours.Map(theirs) };
                theirs = theirs.MapDesc(ours, before: true);
            }
        }

        return moved[accepted..];
    }
}
