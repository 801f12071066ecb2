using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Database;

/// <summary>
/// Opens contexts on control's database, which <see cref="PrepareAsync"/> brings up to date first. Preparing runs beside the start of
/// the server: the page's files need no database, so the first page does not wait for it.
/// </summary>
public sealed class ControlDatabase
{
    // A request that waits longer for a database that is not there yet is told so instead.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    // A server that is paused answers nothing; who asks whether it is there wants to know soon.
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IDatabaseEngine _engine;
    private string _trouble;

    internal ControlDatabase(IDatabaseEngine engine) =>
        (_engine, _trouble) = (engine, $"{engine.Name} is being brought up to date");

    /// <summary>Brings the database up to date. Call once; everyone in <see cref="OpenAsync"/> waits.</summary>
    /// <exception cref="DatabaseException">It cannot be used; the message says why and what to do.</exception>
    public async Task PrepareAsync(CancellationToken cancel)
    {
        try
        {
            await _engine.PrepareAsync(why => Volatile.Write(ref _trouble, why), cancel);
            await using (var context = _engine.NewContext())
            {
                // Entity Framework makes the tables' model at its first use, and two first uses at once make one of them fail.
                _ = context.Model.GetRelationalModel();
            }

            _ready.SetResult();
        }
        catch (Exception e)
        {
            Volatile.Write(ref _trouble, e.Message);
            _ready.SetException(e);
            throw;
        }
    }

    /// <summary>A context on the prepared database; the caller disposes it.</summary>
    /// <exception cref="DatabaseException">It is not there yet.</exception>
    public async Task<ControlContext> OpenAsync(CancellationToken cancel = default)
    {
        if (!_ready.Task.IsCompletedSuccessfully)
        {
            try
            {
                await _ready.Task.WaitAsync(s_patience, cancel);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw new DatabaseException(Volatile.Read(ref _trouble), e);
            }
        }

        return _engine.NewContext();
    }

    /// <summary>The same at once, for those who cannot wait.</summary>
    /// <exception cref="DatabaseException">It is not there yet.</exception>
    public ControlContext Open() =>
        _ready.Task.IsCompletedSuccessfully ? _engine.NewContext() : throw new DatabaseException(Volatile.Read(ref _trouble));

    /// <summary>Why the database cannot be used now; null when it answers.</summary>
    public async Task<string?> TroubleAsync(CancellationToken cancel)
    {
        if (!_ready.Task.IsCompletedSuccessfully)
        {
            return Volatile.Read(ref _trouble);
        }

        using var look = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        look.CancelAfter(s_look);
        try
        {
            await using var context = _engine.NewContext();
            await context.Database.ExecuteSqlRawAsync("SELECT 1", look.Token);
            return null;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return $"{_engine.Name} does not answer";
        }
        catch (Exception e) when (DatabaseTrouble.CauseOf(e) is { } cause)
        {
            return $"{_engine.Name} does not answer ({cause})";
        }
    }
}
