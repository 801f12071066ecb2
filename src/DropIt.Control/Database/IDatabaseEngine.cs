namespace DropIt.Control.Database;

/// <summary>What keeps control's tables: a SQLite file in the data folder, or a PostgreSQL that several servers share.</summary>
internal interface IDatabaseEngine
{
    /// <summary>What to call it towards users.</summary>
    string Name { get; }

    /// <summary>A context on it; the caller disposes it.</summary>
    ControlContext NewContext();

    /// <summary>Brings it up to date; tries again for a while where it is not there yet.</summary>
    /// <param name="trouble">Told why it takes longer, in a sentence.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="DatabaseException">It cannot be used; the message says why and what to do.</exception>
    Task PrepareAsync(Action<string> trouble, CancellationToken cancel);
}
