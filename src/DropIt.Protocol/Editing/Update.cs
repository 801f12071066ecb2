namespace DropIt.Protocol.Editing;

/// <summary>A change with who made it.</summary>
/// <param name="Client">The author's client id.</param>
/// <param name="Sequence">The author's number of it, from 1.</param>
/// <param name="Changes">What it does.</param>
public sealed record Update(string Client, uint Sequence, ChangeSet Changes)
{
    /// <summary>
    /// Moves <paramref name="updates"/> of one client, which start at some version, over those that were accepted since.
    /// The twin of <c>rebaseUpdates</c> of <c>@codemirror/collab</c>, except that a client's own updates are known by their
    /// sequence, not by their order.
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

        // What the others did, as it reads after those of ours that were accepted already.
        ChangeDesc? others = null;
        var accepted = 0;
        foreach (var update in over)
        {
            var ours = accepted < updates.Count ? updates[accepted] : null;
            if (ours is not null && ours.Client == update.Client && ours.Sequence == update.Sequence)
            {
                others = others?.MapDesc(ours.Changes, before: true);
                accepted++;
            }
            else
            {
                others = others?.ComposeDesc(update.Changes) ?? update.Changes;
            }
        }

        var result = new List<Update>(updates.Count - accepted);
        foreach (var update in updates.Skip(accepted))
        {
            if (others is null)
            {
                result.Add(update);
                continue;
            }

            result.Add(update with { Changes = update.Changes.Map(others) });
            others = others.MapDesc(update.Changes, before: true);
        }

        return result;
    }
}
