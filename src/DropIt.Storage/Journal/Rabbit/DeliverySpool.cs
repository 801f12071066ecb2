namespace DropIt.Storage.Journal.Rabbit;

/// <summary>Bodies of deliveries that wait to be written: in memory up to a bound for the whole process, beyond it each in a file that goes with it.</summary>
internal sealed class DeliverySpool(string folder)
{
    /// <summary>Most bytes in memory.</summary>
    public const long MemoryBytes = 48L * 1024 * 1024;

    private long _held;

    /// <summary>Bytes in memory now.</summary>
    public long Held => Interlocked.Read(ref _held);

    /// <summary>Takes a copy of a body.</summary>
    public Body Take(ReadOnlySpan<byte> body)
    {
        if (body.Length == 0)
        {
            return new Body(this, [], null);
        }

        if (Interlocked.Add(ref _held, body.Length) <= MemoryBytes)
        {
            return new Body(this, body.ToArray(), null);
        }

        Interlocked.Add(ref _held, -body.Length);
        var path = Path.Combine(folder, Guid.NewGuid().ToString("n"));
        File.WriteAllBytes(path, body);
        return new Body(this, null, path);
    }

    /// <summary>One body; to be dropped once.</summary>
    internal sealed class Body(DeliverySpool spool, byte[]? memory, string? path)
    {
        private int _dropped;

        public byte[] Read() => memory ?? File.ReadAllBytes(path!);

        public void Drop()
        {
            if (Interlocked.Exchange(ref _dropped, 1) == 1)
            {
                return;
            }

            if (path is not null)
            {
                File.Delete(path);
            }
            else
            {
                Interlocked.Add(ref spool._held, -memory!.Length);
            }
        }
    }
}
