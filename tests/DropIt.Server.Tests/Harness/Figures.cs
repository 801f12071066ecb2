using System.Globalization;
using System.Net;

namespace DropIt.Server.Tests.Harness;

/// <summary>What a process says at <c>--metrics-listen</c>.</summary>
internal sealed class Figures(int port)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>All figures as Prometheus reads them.</summary>
    public async Task<string> PageAsync()
    {
        var (status, page) = await AskAsync("metrics");
        Assert.Equal(HttpStatusCode.OK, status);
        return page;
    }

    /// <summary>Asks until a figure is so; the answer is the page that says it.</summary>
    public async Task<string> UntilAsync(Func<double, bool> holds, string name, params string[] labels)
    {
        while (true)
        {
            var page = await PageAsync();
            if (holds(Value(page, name, labels)))
            {
                return page;
            }

            await Task.Delay(50, Cancel);
        }
    }

    /// <summary>What it says at any path.</summary>
    public async Task<(HttpStatusCode Status, string Text)> AskAsync(string path)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/{path}"), Cancel);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    /// <summary>The sum of the lines that begin so and have these labels; -1 when there is none.</summary>
    public static double Value(string page, string name, params string[] labels)
    {
        var lines = page.Split('\n').Where(line => line.StartsWith(name, StringComparison.Ordinal) && labels.All(line.Contains)).ToList();
        return lines.Count == 0 ? -1 : lines.Sum(line => double.Parse(ValueOf(line), CultureInfo.InvariantCulture));
    }

    // name{labels} value [timestamp]
    private static string ValueOf(string line) => line[(line.LastIndexOf('}') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is var words
        && line.Contains('}') ? words[0] : words[1];
}
