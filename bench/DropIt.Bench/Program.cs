using DropIt.Bench;

// The scripted hour of the page takes an hour, and the crowd types for ten minutes unless it is told to be short.
var hour = args.Contains("--hour");
var minutes = args.Contains("--short") ? 1 : 10;
var names = args.Where(name => !name.StartsWith("--", StringComparison.Ordinal)).ToArray();

// Every figure on one line beside its target; the last column is code-server 4.139, Theia 1.74 and ttyd 1.7, measured on the same kind of machine.
var programs = new Dictionary<string, Func<Rig, Task<IReadOnlyList<Figure>>>>(StringComparer.Ordinal)
{
    ["starting"] = _ => Starting.MeasureAsync(),
    ["sandbox"] = _ => Sandboxes.MeasureAsync(),
    ["creating"] = Creating.MeasureAsync,
    ["keystroke"] = FirstKeystroke.MeasureAsync,
    ["editing"] = Editing.MeasureAsync,
    ["typing"] = Typing.MeasureAsync,
    ["terminal"] = Terminal.MeasureAsync,
    ["searching"] = Searching.MeasureAsync,
    ["memory"] = Memory.MeasureAsync,
    ["flood"] = Flooding.MeasureAsync,
    ["large"] = Large.MeasureAsync,
    ["storing"] = _ => Storing.MeasureAsync(),
    ["throughput"] = _ => Throughput.MeasureAsync(),
    ["waking-s3"] = _ => Storing.WakeAsync(),
    ["safe"] = _ => Storms.CalmAsync(),
    ["chaos"] = _ => Storms.MeasureAsync(),
    ["surviving"] = Surviving.MeasureAsync,
    ["page"] = rig => PageMemory.MeasureAsync(rig, hour),
    ["waking"] = Waking.MeasureAsync,
    ["crowd"] = rig => Crowd.MeasureAsync(rig, minutes),
    ["gateway"] = _ => Gateway.MeasureAsync(),
    ["pods"] = _ => Pods.MeasureAsync(),
};

// One takes port 8080 on every address of the machine, one starts a Kubernetes as root, all take long: they run only when they are named.
string[] named = ["crowd", "gateway", "chaos", "pods"];
var unknown = names.Where(name => !programs.ContainsKey(name)).ToArray();
if (unknown.Length > 0)
{
    Console.Error.WriteLine($"there is no {string.Join(", ", unknown)}; there are {string.Join(", ", programs.Keys)}");
    return 2;
}

await using var rig = await Rig.StartAsync();
Console.WriteLine($"{"figure",-62} {"measured",-18} {"target",-12} code-server | Theia | ttyd");
foreach (var (name, measure) in programs.Where(program => names.Length == 0 ? !named.Contains(program.Key) : names.Contains(program.Key)))
{
    foreach (var figure in await measure(rig))
    {
        Console.WriteLine($"{figure.Name,-62} {figure.Measured,-18} {figure.Target,-12} {figure.Others}");
    }
}

return 0;
