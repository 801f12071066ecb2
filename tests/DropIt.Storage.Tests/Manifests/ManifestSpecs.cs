using System.IO.Compression;
using DropIt.Protocol.Journal;
using DropIt.Storage.Manifests;
using DropIt.Tests.Fuzzing;

namespace DropIt.Storage.Tests.Manifests;

public sealed class ManifestSpecs
{
    private static readonly string[] Names = ["a", "b", "a-", "a0", "a.b", "ä", "z"];

    [Fact]
    public void Applying_changes_is_what_a_file_system_would_do()
    {
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var start = Manifest.Empty.Apply(Changes(random, 12));
            var changes = Changes(random, random.Next(1, 15));

            var applied = start.Apply(changes);

            Assert.True(Naive(start, changes).SequenceEqual(applied.Entries), $"seed {seed}");
            var delta = start.ChangesTo(applied);
            Assert.True(applied.Entries.SequenceEqual(start.Apply(delta).Entries), $"by its delta, seed {seed}");
            var split = random.Next(changes.Count);
            var steps = start.Apply(changes[..split]).Apply(changes[split..]);
            Assert.True(applied.Entries.SequenceEqual(steps.Entries), $"in two steps, seed {seed}");
        }
    }

    [Fact]
    public void A_section_is_read_as_it_was_written()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var changes = Changes(new Random(seed), 40);
            using var memory = new MemoryStream();
            ManifestCodec.Write(changes, memory);
            memory.Position = 0;
            Assert.Equal(changes, ManifestCodec.Read(memory));
        }
    }

    [Fact]
    public void A_damaged_section_is_said_to_be_damaged()
    {
        using var memory = new MemoryStream();
        ManifestCodec.Write(Changes(new Random(1), 40), memory);

        // The last bytes only say that nothing follows.
        for (var length = 0; length < memory.Length - 8; length++)
        {
            Assert.Throws<InvalidDataException>(() => ManifestCodec.Read(new MemoryStream(memory.ToArray(), 0, length)));
        }
    }

    [Fact]
    public void A_section_of_any_form_is_read_or_said_to_be_damaged() => Fuzz.Run(
        "manifests",
        [.. Enumerable.Range(0, 20).Select(seed => Inflated(Changes(new Random(seed), 40)))],
        input =>
        {
            using var packed = new MemoryStream();
            using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            {
                deflate.Write(input);
            }

            // Spoiled behind the compression, and in it.
            foreach (var section in (byte[][])[packed.ToArray(), input])
            {
                try
                {
                    var read = ManifestCodec.Read(new MemoryStream(section));
                    using var again = new MemoryStream();
                    ManifestCodec.Write(read, again);
                    again.Position = 0;
                    Assert.Equal(read.Count, ManifestCodec.Read(again).Count);
                }
                catch (InvalidDataException)
                {
                    // Said to be damaged.
                }
            }
        });

    [Fact]
    public void A_folder_that_is_gone_is_one_change_and_a_save_without_a_difference_is_none()
    {
        var file = new ManifestEntry("a/b/0", ChangeKind.File, 420, 1, ContentHash.Of([1]), new("p", 0, 1));
        var start = Manifest.Empty.Apply([.. Enumerable.Range(0, 100).Select(i => file with { Path = $"a/b/{i}" }), file with { Path = "c" }]);

        Assert.Equal("a", Assert.Single(start.ChangesTo(start.Apply([file with { Path = "a", Kind = ChangeKind.Delete }]))).Path);
        Assert.Empty(start.ChangesTo(start.Apply([file with { Location = null }])));
    }

    private static byte[] Inflated(List<ManifestEntry> entries)
    {
        using var packed = new MemoryStream();
        ManifestCodec.Write(entries, packed);
        packed.Position = 0;
        using var inflated = new MemoryStream();
        using var deflate = new DeflateStream(packed, CompressionMode.Decompress);
        deflate.CopyTo(inflated);
        return inflated.ToArray();
    }

    private static List<ManifestEntry> Changes(Random random, int count)
    {
        var changes = new List<ManifestEntry>();
        for (var i = 0; i < count; i++)
        {
            var path = string.Join('/', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Names[random.Next(Names.Length)]));
            var size = random.Next(1, 100_000);
            PackLocation location = new(new string((char)('a' + random.Next(6)), 32), random.Next(), random.Next());
            changes.Add(random.Next(6) switch
            {
                0 => new(path, ChangeKind.Delete, 0, 0, default, null),
                1 => new(path, ChangeKind.Folder, random.Next(512), 0, default, null),
                2 => new(path, ChangeKind.Link, 0, 0, default, null, "../x"),
                3 => new(path, ChangeKind.File, random.Next(512), 0, ContentHash.Of([]), null),
                _ => new(path, ChangeKind.File, random.Next(512), size, ContentHash.Of(BitConverter.GetBytes(size)), location),
            });
        }

        return changes;
    }

    private static IEnumerable<ManifestEntry> Naive(Manifest start, List<ManifestEntry> changes)
    {
        var files = start.Entries.ToDictionary(entry => entry.Path);
        foreach (var change in changes)
        {
            foreach (var (path, entry) in files.ToList())
            {
                var above = change.Path.StartsWith(path + "/", StringComparison.Ordinal)
                    && entry.Kind != ChangeKind.Folder
                    && change.Kind != ChangeKind.Delete;
                var below = path.StartsWith(change.Path + "/", StringComparison.Ordinal) && change.Kind != ChangeKind.Folder;
                if (above || below)
                {
                    files.Remove(path);
                }
            }

            files.Remove(change.Path);
            if (change.Kind != ChangeKind.Delete)
            {
                files[change.Path] = change;
            }
        }

        return files.Values.OrderBy(entry => entry.Path, StringComparer.Ordinal);
    }
}
