using System.Text.Json;
using System.Text.RegularExpressions;
using DropIt.Protocol.Workspaces;

namespace DropIt.Control.Importing;

/// <summary>What kind of project some files are, by the names that tools give to their manifests. Pure.</summary>
/// <param name="Stack">Id of the gallery's stack that is nearest; <c>empty</c> when none is.</param>
/// <param name="Project">What to write as <c>dropit.json</c>.</param>
internal sealed partial record StackGuess(string Stack, Project Project)
{
    private const string FolderPort = "PORT";

    /// <summary>Looks at the names in the root, then at those in the folders right below it.</summary>
    /// <param name="paths">All files; <c>/</c> between names.</param>
    /// <param name="read">Gives the text of one, or null when it is large or cannot be read.</param>
    public static StackGuess Of(IReadOnlyCollection<string> paths, Func<string, string?> read)
    {
        var known = paths.Where(path => path.Count(c => c == '/') <= 3 && !path.StartsWith(".git/", StringComparison.Ordinal)).ToHashSet();
        var folders = known.Where(path => path.Contains('/', StringComparison.Ordinal))
            .Select(path => path[..path.IndexOf('/', StringComparison.Ordinal)])
            .Where(name => SimpleName().IsMatch(name))
            .Distinct()
            .Order(StringComparer.Ordinal);
        foreach (var folder in (string[])["", .. folders])
        {
            if (In(new Folder(folder, known, read)) is { } guess)
            {
                var main = guess.Project.Main ?? known.Order(StringComparer.Ordinal).FirstOrDefault(Readme().IsMatch);
                return guess with { Project = guess.Project with { Main = main } };
            }
        }

        return new StackGuess("empty", new Project { Main = known.Order(StringComparer.Ordinal).FirstOrDefault(Readme().IsMatch) });
    }

    private static StackGuess? In(Folder folder) =>
        folder.Has("package.json") ? Node(folder)
        : folder.Has("go.mod") ? Go(folder)
        : folder.First(CsProject()) is { } project ? CSharp(folder, project)
        : folder.Has("requirements.txt") || folder.Has("pyproject.toml") || folder.Has("manage.py") ? Python(folder)
        : folder.Has("Cargo.toml") ? Rust(folder)
        : folder.Has("CMakeLists.txt") || folder.Has("Makefile") ? Cpp(folder)
        : folder.Has("index.html") ? Html(folder)
        : null;

    private static StackGuess Node(Folder folder)
    {
        var (scripts, packages, main) = Package(folder.Read("package.json"));
        var manager = folder.Has("pnpm-lock.yaml") ? "pnpm" : folder.Has("yarn.lock") ? "yarn" : folder.Has("bun.lock") ? "bun" : "npm";
        var script = ((string[])["dev", "start", "serve"]).FirstOrDefault(scripts.ContainsKey);
        var vite = packages.Contains("vite");

        // Vite does not look at PORT; everything else that is common does.
        var port = vite && script is not null && scripts[script].Contains("vite", StringComparison.Ordinal)
            ? (manager == "npm" ? " -- " : " ") + "--port ${" + FolderPort + ":-5173}"
            : "";
        var entry = main ?? folder.FirstOf("index.js", "server.js", "app.js", "index.mjs", "main.js");
        var run = script is not null ? $"{manager} run {script}{port}" : entry is not null ? $"node {entry}" : null;
        var lockFile = folder.FirstOf("package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock");
        return new StackGuess(
            packages.Contains("react") ? "react-ts" : packages.Contains("typescript") ? "node-ts" : "node",
            new Project
            {
                Install = folder.Command($"{manager} install"),
                Run = run is null ? null : folder.Command(run),
                Test = scripts.TryGetValue("test", out var test) && !test.Contains("no test specified", StringComparison.Ordinal)
                    ? folder.Command($"{manager} test")
                    : null,
                Port = run is null ? null : vite ? 5173 : packages.Contains("astro") ? 4321 : packages.Contains("@angular/core") ? 4200 : 3000,
                Main = folder.FirstPathOf("src/App.tsx", "src/main.tsx", "src/index.ts", "src/main.ts", "app/page.tsx", entry ?? "", "src/index.js"),
                Manifests = [folder.Path("package.json"), .. lockFile is null ? Array.Empty<string>() : [folder.Path(lockFile)]],
                Ignore = ["node_modules/", "dist/", ".next/", ".astro/", "*.tsbuildinfo"],
                Tools = manager == "npm" ? ["node", "npm"] : ["node", manager],
            });
    }

    private static StackGuess Go(Folder folder)
    {
        var command = folder.Has("main.go") ? "." : folder.Below("cmd/") is { } main ? "./" + main : ".";
        return new StackGuess("go", new Project
        {
            Run = folder.Command($"go run {command}"),
            Test = folder.Command("go test ./..."),
            Port = 8080,
            Main = folder.FirstPathOf("main.go"),
            Manifests = [folder.Path("go.mod")],
            Tools = ["go"],
        });
    }

    private static StackGuess CSharp(Folder folder, string project)
    {
        var web = folder.Read(project)?.Contains("Microsoft.NET.Sdk.Web", StringComparison.Ordinal) == true;
        var urls = web ? "ASPNETCORE_URLS=http://127.0.0.1:${" + FolderPort + ":-5000} " : "";
        return new StackGuess("csharp", new Project
        {
            Install = folder.Command("dotnet restore"),
            Run = folder.Command($"{urls}dotnet run --no-launch-profile"),
            Test = folder.Command("dotnet build"),
            Port = web ? 5000 : null,
            Main = folder.FirstPathOf("Program.cs", project),
            Manifests = [folder.Path(project)],
            Ignore = ["bin/", "obj/"],
            Tools = ["dotnet"],
        });
    }

    private static StackGuess Python(Folder folder)
    {
        var named = (folder.Read("requirements.txt") + folder.Read("pyproject.toml")).ToLowerInvariant();
        var main = folder.FirstOf("app.py", "main.py", "server.py", "run.py", "wsgi.py", "__main__.py");
        var module = main?[..^3];
        var port = "${" + FolderPort + ":-";
        var (run, usual) = folder.Has("manage.py") ? ($".venv/bin/python manage.py runserver {port}8000}}", 8000)
            : named.Contains("fastapi", StringComparison.Ordinal) && module is not null ? ($".venv/bin/python -m uvicorn {module}:app --reload --port {port}8000}}", 8000)
            : named.Contains("streamlit", StringComparison.Ordinal) && main is not null ? ($".venv/bin/python -m streamlit run {main} --server.port {port}8501}}", 8501)
            : named.Contains("flask", StringComparison.Ordinal) && module is not null ? ($".venv/bin/python -m flask --app {module} run --debug --port {port}5000}}", 5000)
            : main is not null ? ($".venv/bin/python {main}", 0)
            : (null, 0);
        var install = folder.Has("requirements.txt") ? "-r requirements.txt" : folder.Has("pyproject.toml") ? "-e ." : null;
        return new StackGuess("python-flask", new Project
        {
            Install = folder.Command("python3 -m venv .venv" + (install is null ? "" : $" && .venv/bin/pip install --disable-pip-version-check {install}")),
            Run = run is null ? null : folder.Command(run),
            Port = usual == 0 ? null : usual,
            Main = folder.FirstPathOf(main ?? "", "manage.py"),
            Manifests = [.. ((string[])["requirements.txt", "pyproject.toml"]).Where(folder.Has).Select(folder.Path)],
            Ignore = [".venv/", "__pycache__/", "*.pyc", "*.egg-info/"],
            Tools = ["python3"],
        });
    }

    private static StackGuess Rust(Folder folder) => new("empty", new Project
    {
        Run = folder.Command("cargo run"),
        Test = folder.Command("cargo test"),
        Main = folder.FirstPathOf("src/main.rs", "src/lib.rs"),
        Ignore = ["target/"],
        Tools = ["cargo"],
    });

    private static StackGuess Cpp(Folder folder)
    {
        var cmake = folder.Has("CMakeLists.txt");
        var targets = folder.Read("Makefile") ?? "";
        return new StackGuess("cpp", new Project
        {
            Run = folder.Command(cmake ? "cmake -S . -B build && cmake --build build" : RunTarget().IsMatch(targets) ? "make run" : "make"),
            Test = cmake ? folder.Command("cmake -S . -B build && cmake --build build && ctest --test-dir build")
                : TestTarget().IsMatch(targets) ? folder.Command("make test") : null,
            Main = folder.FirstPathOf("main.cpp", "src/main.cpp", "main.c", "src/main.c"),
            Ignore = ["build/", "*.o"],
            Tools = cmake ? ["cmake"] : ["make"],
        });
    }

    private static StackGuess Html(Folder folder) => new("static", new Project
    {
        Run = folder.Command("python3 -m http.server --bind 127.0.0.1 ${" + FolderPort + ":-8080}"),
        Port = 8080,
        Main = folder.Path("index.html"),
        Tools = ["python3"],
    });

    private static (Dictionary<string, string> Scripts, HashSet<string> Packages, string? Main) Package(string? text)
    {
        var scripts = new Dictionary<string, string>();
        var packages = new HashSet<string>();
        string? main = null;
        try
        {
            using var json = JsonDocument.Parse(text ?? "{}");
            foreach (var group in json.RootElement.EnumerateObject())
            {
                if (group is { Name: "main", Value.ValueKind: JsonValueKind.String } && SimplePath().IsMatch(group.Value.GetString()!))
                {
                    main = group.Value.GetString();
                }
                else if (group.Value.ValueKind == JsonValueKind.Object)
                {
                    foreach (var one in group.Value.EnumerateObject())
                    {
                        if (group.Name == "scripts")
                        {
                            scripts[one.Name] = one.Value.ToString();
                        }
                        else if (group.Name is "dependencies" or "devDependencies")
                        {
                            packages.Add(one.Name);
                        }
                    }
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A broken manifest is imported as it is; its own tool will say what is wrong.
        }

        return (scripts, packages, main);
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    private static partial Regex SimpleName();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._/-]*$")]
    private static partial Regex SimplePath();

    [GeneratedRegex("^[^/]+\\.csproj$")]
    private static partial Regex CsProject();

    [GeneratedRegex("^readme(\\.[a-z]+)?$", RegexOptions.IgnoreCase)]
    private static partial Regex Readme();

    [GeneratedRegex("^run:", RegexOptions.Multiline)]
    private static partial Regex RunTarget();

    [GeneratedRegex("^test:", RegexOptions.Multiline)]
    private static partial Regex TestTarget();

    /// <summary>The root or a folder right below it, from where commands are run.</summary>
    private sealed class Folder(string name, HashSet<string> known, Func<string, string?> read)
    {
        public string Path(string path) => name.Length == 0 ? path : $"{name}/{path}";

        public string Command(string command) => name.Length == 0 ? command : $"cd {name} && {command}";

        public bool Has(string path) => known.Contains(Path(path));

        public string? Read(string path) => Has(path) ? read(Path(path)) : null;

        public string? FirstOf(params string[] paths) => paths.FirstOrDefault(Has);

        public string? FirstPathOf(params string[] paths) => FirstOf(paths) is { } found ? Path(found) : null;

        public string? First(Regex file) => known.Order(StringComparer.Ordinal)
            .Where(path => path.StartsWith(Path(""), StringComparison.Ordinal))
            .Select(path => path[Path("").Length..])
            .FirstOrDefault(path => file.IsMatch(path));

        /// <summary>The folder of the first file below a folder, such as <c>cmd/server</c>; null when it is no simple path.</summary>
        public string? Below(string folder) => known.Order(StringComparer.Ordinal)
            .Where(path => path.StartsWith(Path(folder), StringComparison.Ordinal) && path.EndsWith("/main.go", StringComparison.Ordinal))
            .Select(path => path[Path("").Length..^"/main.go".Length])
            .FirstOrDefault(SimplePath().IsMatch);
    }
}
