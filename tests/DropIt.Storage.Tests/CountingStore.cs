using DropIt.Storage.Objects;

namespace DropIt.Storage.Tests;

/// <summary>Counts what goes through, and on demand dies at one operation: nothing after it happens until
/// <see cref="Revive"/>.</summary>
internal sealed class CountingStore(IObjectStore inner) : IObjectStore
{
    private readonly Lock _gate = new();
    private int _operations;
    private int _dieAt = int.MaxValue;
    private bool _after;
    private TaskCompletionSource _died = new();
    private TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Puts that were stored.</summary>
    public int Writes { get; private set; }

    /// <summary>Bytes of those.</summary>
    public long BytesWritten { get; private set; }

    /// <summary>Gets and stats.</summary>
    public int Reads { get; private set; }

    /// <summary>Operations since <see cref="Revive"/>.</summary>
    public int Operations => _operations;

    /// <summary>The <paramref name="operation"/>th operation from now (1: the next) fails, and all that
    /// follow.</summary>
    /// <param name="after">It takes effect, but nobody learns of it.</param>
    /// <returns>Completes when that has happened.</returns>
    public Task DieAt(int operation, bool after)
    {
        lock (_gate)
        {
            (_operations, _dieAt, _after) = (0, operation, after);
            _died = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _died.Task;
        }
    }

    /// <summary>Waits for the next operation that the store itself fails.</summary>
    public Task FailedAsync() => _failed.Task;

    /// <summary>Puts find no room.</summary>
    public bool Full { get; set; }

    /// <summary>Works again.</summary>
    public void Revive() => DieAt(int.MaxValue, false);

    public Task<ObjectInfo?> StatAsync(string key, CancellationToken cancel) =>
        RunAsync(false, 0, () => inner.StatAsync(key, cancel));

    public Task<ObjectContent?> GetAsync(string key, ByteRange? range, CancellationToken cancel) =>
        RunAsync(false, 0, () => inner.GetAsync(key, range, cancel));

    public Task<PutResult> PutAsync(
        string key, Stream content, long length, PutCondition condition, CancellationToken cancel) =>
        RunAsync(true, length, () => Full
            ? Task.FromResult(new PutResult(PutOutcome.Full, ""))
            : inner.PutAsync(key, content, length, condition, cancel));

    public Task DeleteAsync(string key, CancellationToken cancel) =>
        RunAsync(false, 0, async () =>
        {
            await inner.DeleteAsync(key, cancel);
            return true;
        });

    public Task<ObjectPage> ListAsync(string prefix, string? after, int limit, CancellationToken cancel) =>
        RunAsync(false, 0, () => inner.ListAsync(prefix, after, limit, cancel));

    private async Task<T> RunAsync<T>(bool write, long length, Func<Task<T>> operation)
    {
        int number;
        lock (_gate)
        {
            number = ++_operations;
            if (number > _dieAt || (number == _dieAt && !_after))
            {
                _died.TrySetResult();
                throw new IOException("The process is dead.");
            }
        }

        T result;
        try
        {
            result = await operation();
        }
        catch (IOException)
        {
            Interlocked.Exchange(ref _failed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
            throw;
        }

        lock (_gate)
        {
            Writes += write ? 1 : 0;
            BytesWritten += length;
            Reads += write ? 0 : 1;
        }

        if (number == _dieAt)
        {
            _died.TrySetResult();
            throw new IOException("The process is dead.");
        }

        return result;
    }
}
