using System.Security.Cryptography;
using System.Text;
using DropIt.Protocol.Workspaces;

namespace DropIt.Runner.Runs;

/// <summary>
/// Remembers what was last installed: a hash of the install command and the manifests, and which rebuildable folders were there
/// afterwards (they are not journalled, so a workspace that moved has lost them and must install again).
/// </summary>
/// <param name="root">The workspace's folder.</param>
/// <param name="state">The runner's own folder.</param>
internal sealed class InstallStamp(string root, string state)
{
    private const string FileName = "installed";

    private string Path => System.IO.Path.Combine(state, FileName);

    /// <summary>What an install of the project as it is now would be stamped with.</summary>
    public string Hash(Project project)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(project.Install + "\0"));
        foreach (var manifest in project.Manifests)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(manifest + "\0"));
            if (Inside(manifest) is { } file && File.Exists(file))
            {
                try
                {
                    hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    hash.AppendData("unreadable"u8);
                }
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>True when what <paramref name="hash"/> stands for is installed.</summary>
    public bool Holds(string hash)
    {
        try
        {
            var lines = File.ReadAllLines(Path);
            return lines.Length > 0 && lines[0] == hash && lines[1..].All(folder => Directory.Exists(Inside(folder)));
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The stamp as it is kept; empty when nothing was installed.</summary>
    public IReadOnlyList<string> Lines() => File.Exists(Path) ? File.ReadAllLines(Path) : [];

    /// <summary>Brings a kept stamp back; whether it holds is seen by what it names.</summary>
    public void Put(IReadOnlyList<string> lines)
    {
        if (lines.Count > 0 && !File.Exists(Path))
        {
            WriteLines(lines);
        }
    }

    /// <summary>Writes the stamp after a successful install.</summary>
    /// <exception cref="IOException">The disk is full or the folder unwritable.</exception>
    public void Write(string hash, Project project)
    {
        var folders = project.Ignore
            .Where(rule => rule.EndsWith('/') && !rule.Contains('*'))
            .Select(rule => rule.Trim('/'))
            .Where(folder => Inside(folder) is { } path && Directory.Exists(path));
        WriteLines([hash, .. folders]);
    }

    private void WriteLines(IEnumerable<string> lines)
    {
        Directory.CreateDirectory(state);
        var temporary = Path + ".new";
        File.WriteAllLines(temporary, lines);
        File.Move(temporary, Path, overwrite: true);
    }

    private string? Inside(string relative)
    {
        var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(root, relative));
        return path.StartsWith(System.IO.Path.GetFullPath(root) + "/", StringComparison.Ordinal) ? path : null;
    }
}
