using DropIt.Control.Importing;

namespace DropIt.Server.Tests.Importing;

public sealed class StackGuessSpecs
{
    [Theory]
    [InlineData("go.mod=module a|main.go=", "go", "go run .")]
    [InlineData("go.mod=module a|cmd/server/main.go=", "go", "go run ./cmd/server")]
    [InlineData("api.csproj=<Project Sdk=\"Microsoft.NET.Sdk.Web\"/>|Program.cs=", "csharp", "ASPNETCORE_URLS=http://127.0.0.1:${PORT:-5000} dotnet run --no-launch-profile")]
    [InlineData("requirements.txt=Flask==3|app.py=", "python-flask", ".venv/bin/python -m flask --app app run --debug --port ${PORT:-5000}")]
    [InlineData("requirements.txt=fastapi|main.py=", "python-flask", ".venv/bin/python -m uvicorn main:app --reload --port ${PORT:-8000}")]
    [InlineData("manage.py=", "python-flask", ".venv/bin/python manage.py runserver ${PORT:-8000}")]
    [InlineData("CMakeLists.txt=", "cpp", "cmake -S . -B build && cmake --build build")]
    [InlineData("Makefile=all:\nrun:\n\t./a", "cpp", "make run")]
    [InlineData("index.html=", "static", "python3 -m http.server --bind 127.0.0.1 ${PORT:-8080}")]
    [InlineData("package.json={\"scripts\":{\"start\":\"node a.js\"}}", "node", "npm run start")]
    [InlineData("package.json={\"main\":\"server.js\"}|server.js=", "node", "node server.js")]
    [InlineData("package.json={\"main\":\"a; rm -rf ~\"}|index.js=", "node", "node index.js")]
    [InlineData("package.json={\"scripts\":{\"dev\":\"next dev\"},\"dependencies\":{\"react\":\"1\"}}|yarn.lock=", "react-ts", "yarn run dev")]
    [InlineData("readme.md=|web/package.json={\"scripts\":{\"dev\":\"x\"}}", "node", "cd web && npm run dev")]
    [InlineData("package.json=not json", "node", null)]
    [InlineData("readme.md=", "empty", null)]
    public void What_lies_in_the_root_tells_how_it_is_run(string files, string stack, string? run)
    {
        var texts = files.Split('|').Select(file => file.Split('=', 2)).ToDictionary(file => file[0], file => file[1]);
        var guess = StackGuess.Of(texts.Keys, texts.GetValueOrDefault);
        Assert.Equal((stack, run), (guess.Stack, guess.Project.Run));
    }

    [Theory]
    [InlineData("https://github.com/owner/name", "https://github.com/owner/name", "name")]
    [InlineData("github.com/owner/name.git", "https://github.com/owner/name.git", "name")]
    [InlineData("git@gitlab.com:group/sub/name.git", "https://gitlab.com/group/sub/name.git", "name")]
    [InlineData("https://github.com/owner/name/tree/main/src", "https://github.com/owner/name", "name")]
    [InlineData("https://me:tok@example.org:8443/a/b/", "https://example.org:8443/a/b", "b")]
    public void Addresses_are_read_as_people_paste_them(string text, string url, string name)
    {
        var (address, error) = GitAddress.Of(text);
        Assert.Null(error);
        Assert.Equal((url, name), (address!.Url.AbsoluteUri, address.Name));
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("64:ff9b::a9fe:a9fe", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("172.31.0.1", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("224.0.0.1", false)]
    public void Only_addresses_of_the_internet_are_public(string address, bool open) =>
        Assert.Equal(open, PublicAddress.Is(System.Net.IPAddress.Parse(address)));
}
