using System.Runtime.Versioning;
using DropIt.Runner.Lifecycle;

[assembly: SupportedOSPlatform("linux")]

OwnProcess.Protect();
var (options, problems) = args is ["--unclaimed", var listen, "--public-key", var key]
    ? await Unclaimed.WaitAsync(listen, key, TimeProvider.System)
    : Configuration.Read(args);
if (options is null)
{
    Console.Error.Write(string.Concat(problems.Select(p => p + '\n')));
    return problems.Count == 0 ? 0 : 2;
}

Directory.CreateDirectory(options.Root);
Directory.CreateDirectory(options.State);
return await Workspace.RunAsync(options);
