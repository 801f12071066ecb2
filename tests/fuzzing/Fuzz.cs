using System.Globalization;
using System.Security.Cryptography;

namespace DropIt.Tests.Fuzzing;

/// <summary>
/// Feeds a reader with spoiled inputs for a fixed time: <c>DROPIT_FUZZ_SECONDS</c>, 8 unless told. What makes it throw, or take far more memory than it
/// was given, is kept in <c>tests/fuzzing/corpus</c>, where every later run begins.
/// </summary>
internal static class Fuzz
{
    /// <summary>Longest input: long enough for several of everything.</summary>
    public const int MaxLength = 16 * 1024;

    // What a reader may take: something for itself, and a hundred bytes for each that it is given.
    private const long FreeMemory = 16L << 20;
    private const int MemoryPerByte = 100;

    private static readonly byte[][] s_interesting =
        [[0], [0x7f], [0x80], [0xff], [0xff, 0xff, 0xff, 0xff, 0x0f], [0xff, 0xff, 0xff, 0xff, 0x07], [0x80, 0x80, 0x80, 0x80, 0x08], [0xc0, 0x80], [0xed, 0xa0, 0x80]];

    /// <summary>How long each fuzz test runs.</summary>
    public static TimeSpan Time { get; } = TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable("DROPIT_FUZZ_SECONDS"), CultureInfo.InvariantCulture, out var seconds) ? seconds : 8);

    private static string Corpus => Path.Combine(Checkout.Root, "tests", "fuzzing", "corpus");

    /// <summary>Endless inputs: first those of the corpus, then the seeds, then spoiled ones.</summary>
    public static IEnumerable<byte[]> Inputs(string corpus, IReadOnlyList<byte[]> seeds, Random random)
    {
        var folder = Path.Combine(Corpus, corpus);
        var known = Directory.Exists(folder) ? Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToList() : [];
        known.AddRange(seeds);
        foreach (var input in known)
        {
            yield return input;
        }

        while (true)
        {
            yield return Spoil(known[random.Next(known.Count)], known, random);
        }
    }

    /// <summary>Calls <paramref name="read"/> until the time is over; the first input that it does not bear ends the test.</summary>
    /// <param name="corpus">Name of the folder below <c>tests/fuzzing/corpus</c>.</param>
    /// <param name="seeds">Good inputs.</param>
    /// <param name="read">Throws for a fault of the reader, not for an input that it refuses.</param>
    public static void Run(string corpus, IReadOnlyList<byte[]> seeds, Action<byte[]> read)
    {
        var seed = Random.Shared.Next();
        var until = Environment.TickCount64 + (long)Time.TotalMilliseconds;
        var count = 0;
        foreach (var input in Inputs(corpus, seeds, new Random(seed)))
        {
            if (Environment.TickCount64 >= until)
            {
                break;
            }

            count++;
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(input);
            }
            catch (Exception e)
            {
                Assert.Fail($"Seed {seed}, input {count}, kept as {Keep(corpus, input)}: {e}");
            }

            var taken = GC.GetAllocatedBytesForCurrentThread() - before;
            if (taken > FreeMemory + ((long)MemoryPerByte * input.Length))
            {
                Assert.Fail($"Seed {seed}, input {count}, kept as {Keep(corpus, input)}: {input.Length} bytes took {taken} bytes of memory.");
            }
        }

        TestContext.Current.SendDiagnosticMessage($"{corpus}: {count} inputs, seed {seed}");
        Assert.True(count > seeds.Count, "There was no time for a spoiled input.");
    }

    /// <summary>Puts an input into the corpus; the answer is its path.</summary>
    public static string Keep(string corpus, byte[] input)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Corpus, corpus)).FullName;
        var path = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(input))[..16]);
        File.WriteAllBytes(path, input);
        return path;
    }

    private static byte[] Spoil(byte[] input, List<byte[]> known, Random random)
    {
        var bytes = input.ToList();
        for (var changes = random.Next(1, 6); changes > 0; changes--)
        {
            var at = random.Next(bytes.Count + 1);
            var length = Math.Min(bytes.Count - at, 1 << random.Next(6));
            switch (random.Next(6))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, length);
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 4:
                    bytes.InsertRange(at, s_interesting[random.Next(s_interesting.Length)]);
                    break;
                default:
                    var other = known[random.Next(known.Count)];
                    var from = random.Next(other.Length + 1);
                    bytes.InsertRange(at, other.AsSpan(from, Math.Min(other.Length - from, 1 << random.Next(8))));
                    break;
            }
        }

        return [.. bytes.Take(MaxLength)];
    }
}
