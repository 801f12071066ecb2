using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using DropIt.Protocol.Frames;

namespace DropIt.Bench;

/// <summary>A school on one machine: 200 people, each in a workspace of their own, who type for ten minutes.</summary>
internal static class Crowd
{
    private const int People = 200;
    private const uint Document = 1;
    private static readonly TimeSpan s_betweenKeys = TimeSpan.FromMilliseconds(250);

    /// <param name="rig">The server.</param>
    /// <param name="minutes">How long they type.</param>
    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Rig rig, double minutes)
    {
        // 1. They come one after the other.
        var began = Stopwatch.GetTimestamp();
        var people = new List<Typist>();
        for (var i = 0; i < People; i++)
        {
            people.Add(await Typist.ComeAsync(rig, i));
        }

        var come = Stopwatch.GetElapsedTime(began);

        // 2. They type, each at a moment of their own.
        var pids = people.ConvertAll(p => Memory.RunnerOf(p.Slug, rig));
        var processor = rig.ProcessorTime() + Processor(pids);
        var until = Stopwatch.GetTimestamp() + (long)(minutes * 60 * Stopwatch.Frequency);
        await Task.WhenAll(people.Select((person, i) => person.TypeAsync(s_betweenKeys * i / People, s_betweenKeys, until)));
        processor = rig.ProcessorTime() + Processor(pids) - processor;
        var (server, runners) = (rig.ResidentBytes() / 1e6, pids.Sum(Proportional) / 1e6);
        var acks = people.SelectMany(p => p.Acks).ToList();

        // 3. All that was typed is there.
        var lost = 0;
        foreach (var person in people)
        {
            lost += await person.LostAsync(rig);
            await person.DisposeAsync();
        }

        return
        [
            new($"{People} people come, each to a workspace of their own", Sample.Show(come.TotalSeconds, "s"), "-", "-"),
            new($"{People} people type for {minutes:0.#} min: key to ack p50", Sample.Show(Sample.At(acks, 0.5), "ms"), "-", "-"),
            new($"{People} people type for {minutes:0.#} min: key to ack p99", Sample.Show(Sample.At(acks, 0.99), "ms"), "100 ms", "-"),
            new($"keys typed; lost", $"{acks.Count}; {lost}", "-; 0", "-"),
            new("server memory with them", Sample.Show(server, "MB"), "-", "-"),
            new("memory of all their runners, shared pages once", Sample.Show(runners, "MB"), "-", "-"),
            new("processors in use while they type", Sample.Show(processor.TotalMinutes / minutes, "cores"), "-", "-"),
        ];
    }

    private static TimeSpan Processor(List<int> pids) => pids
        .Select(pid => Process.GetProcessById(pid))
        .Aggregate(TimeSpan.Zero, (sum, process) => sum + process.TotalProcessorTime);

    /// <summary>Bytes of a process, with what it shares divided among those who share it.</summary>
    private static double Proportional(int pid) =>
        1024.0 * long.Parse(
            File.ReadLines($"/proc/{pid}/smaps_rollup").First(l => l.StartsWith("Pss:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);

    private sealed class Typist : IAsyncDisposable
    {
        private readonly Wire _wire;
        private uint _version;
        private uint _typed;

        private Typist(Wire wire, string slug) => (_wire, Slug) = (wire, slug);

        public string Slug { get; }

        public List<double> Acks { get; } = [];

        public static async Task<Typist> ComeAsync(Rig rig, int number)
        {
            string? slug = null;
            while (slug is null)
            {
                try
                {
                    slug = await rig.CreateAsync("empty");
                }
                catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.TooManyRequests)
                {
                    await Task.Delay(1000); // the server lets nobody make so many at once
                }
            }

            var wire = await Wire.ConnectAsync(rig, slug);
            await wire.RequestAsync("files.create", "\"path\":\"essay.txt\",\"kind\":\"file\"");
            await wire.RequestAsync("document.open", $"\"channel\":{Document},\"path\":\"essay.txt\",\"client\":\"crowd{number:0000000}\"");
            var typist = new Typist(wire, slug);
            typist._version = Editing.Version(await wire.NextAsync(Document, FrameType.Snapshot));
            return typist;
        }

        public async Task TypeAsync(TimeSpan first, TimeSpan pause, long until)
        {
            await Task.Delay(first);
            while (Stopwatch.GetTimestamp() < until)
            {
                var sent = Stopwatch.GetTimestamp();
                await _wire.SendAsync(Document, FrameType.Push, Editing.Push(_version, _typed + 1, _typed, _typed));
                _version = Editing.Version(await _wire.NextAsync(Document, FrameType.Confirm));
                _typed++;
                var took = Stopwatch.GetElapsedTime(sent);
                Acks.Add(took.TotalMilliseconds);
                if (took < pause)
                {
                    await Task.Delay(pause - took);
                }
            }
        }

        /// <summary>Letters that the stored file lacks, once the journal has taken all.</summary>
        public async Task<int> LostAsync(Rig rig)
        {
            await _wire.RequestAsync("journal.flush", "");
            var stored = await rig.Http.GetByteArrayAsync(new Uri($"/api/workspaces/{Slug}/files/essay.txt", UriKind.Relative));
            return (int)_typed - Encoding.UTF8.GetCharCount(stored);
        }

        public ValueTask DisposeAsync() => _wire.DisposeAsync();
    }
}
