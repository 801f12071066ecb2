using System.Security.Cryptography;
using System.Text;

namespace DropIt.Runner.Caching;

/// <summary>What says which packages a project has, for the tools that install them.</summary>
internal static class LockFiles
{
    /// <summary>Of each tool: what it locks versions in, and, where there is no such file, what it is asked for in.</summary>
    private static readonly (string[] Locks, string[] Asked)[] s_tools =
    [
        (["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"], ["package.json"]),
        (["uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"], ["requirements.txt", "pyproject.toml", "Pipfile", "setup.py"]),
        (["Cargo.lock"], ["Cargo.toml"]),
        (["go.sum"], ["go.mod"]),
        (["composer.lock"], ["composer.json"]),
        (["Gemfile.lock"], ["Gemfile"]),
        (["packages.lock.json"], ["Directory.Packages.props"]),
        (["mix.lock"], ["mix.exs"]),
        (["gradle.lockfile"], ["build.gradle", "build.gradle.kts", "pom.xml", "CMakeLists.txt"]),
    ];

    /// <summary>A hash of the files that a folder's content follows from: those beside it and in the folders above, up to the root.</summary>
    public static string KeyOf(string root, string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var above = Above(folder); above is not null; above = above.Length == 0 ? null : Above(above))
        {
            foreach (var (locks, asked) in s_tools)
            {
                var there = Those(locks);
                foreach (var file in there.Count > 0 ? there : Those(asked))
                {
                    hash.AppendData(Encoding.UTF8.GetBytes($"{above}/{Path.GetFileName(file)}\0"));
                    hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
                }
            }

            List<string> Those(string[] names) => [.. names.Select(name => $"{root}/{above}/{name}").Where(File.Exists)];
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Above(string folder) => folder.LastIndexOf('/') is > 0 and var slash ? folder[..slash] : "";
}
