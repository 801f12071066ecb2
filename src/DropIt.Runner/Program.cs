using System.Runtime.Versioning;
using DropIt.Runner.Lifecycle;

[assembly: SupportedOSPlatform("linux")]

OwnProcess.Protect();
if (Configuration.Read(args, out var problems) is not { } options)
{
    Console.Error.WriteLine(string.Join('\n', problems));
    return 2;
}

Directory.CreateDirectory(options.Root);
Directory.CreateDirectory(options.State);
return await Workspace.RunAsync(options);
