using System.Text.Json;
using DropIt.Cli;

if (args is [] or ["help", ..] || args.TakeWhile(word => word != "--").Any(word => word is "--help" or "-h"))
{
    Console.Write(Arguments.Help);
    return 0;
}

try
{
    var asked = Arguments.Read(args);
    Func<ServerClient, Task<int>> run = asked.Command switch
    {
        "list" when asked.Take(0) is not null => ListAsync,
        "create" when asked.Take(1) is [var stack] => server => CreateAsync(server, stack, asked.Name),
        "open" when asked.Take(1) is [var slug] => server => OpenAsync(server, slug),
        "exec" when asked.Program is [] => throw new CliException("Say what to run: dropit-cli exec SLUG -- COMMAND...", CliException.Usage),
        "exec" when asked.Take(1) is [var slug] => server => ExecCommand.RunAsync(server, slug, asked.Program),
        "cp" when asked.Take(2) is [var from, var to] => server => CopyCommand.RunAsync(server, from, to),
        "logs" when asked.Take(1) is [var slug] => server => LogsCommand.RunAsync(server, slug, asked.Follow),
        _ => throw new CliException($"There is no command \"{asked.Command}\". dropit-cli --help lists them.", CliException.Usage),
    };
    using var server = asked.Connect();
    return await run(server);
}
catch (CliException e)
{
    Console.Error.WriteLine("dropit-cli: " + e.Message);
    return args[0] == "exec" ? CliException.ExecFailed : e.Code;
}

static async Task<int> ListAsync(ServerClient server)
{
    var rows = (await server.AskAsync(HttpMethod.Get, "/api/workspaces")).EnumerateArray()
        .Select(one => (string[])[Text(one, "slug"), Text(one, "state"), Text(one, "stack"), Text(one, "name")])
        .Prepend(["SLUG", "STATE", "STACK", "NAME"])
        .ToList();
    foreach (var row in rows)
    {
        Console.WriteLine(string.Join("  ", row.Select((text, i) => i == row.Length - 1 ? text : text.PadRight(rows.Max(r => r[i].Length)))));
    }

    return 0;

    static string Text(JsonElement one, string field) => one.GetProperty(field).GetString() ?? "";
}

static async Task<int> CreateAsync(ServerClient server, string stack, string? name)
{
    var made = await server.AskAsync(HttpMethod.Post, "/api/workspaces", new { stack, name });
    var slug = made.GetProperty("slug").GetString()!;
    Console.WriteLine($"{slug}  {server.AddressOf(slug)}");
    return 0;
}

static async Task<int> OpenAsync(ServerClient server, string slug)
{
    await server.OpenAsync(slug, Console.Error.WriteLine);
    Console.WriteLine(server.AddressOf(slug));
    return 0;
}
