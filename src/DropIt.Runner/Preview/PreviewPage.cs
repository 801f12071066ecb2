using System.Net;
using System.Text;

namespace DropIt.Runner.Preview;

/// <summary>The pages that stand in for a program that cannot be shown. Complete in themselves, and gone as soon as it can. Pure.</summary>
internal static class PreviewPage
{
    /// <summary>The page for a state.</summary>
    /// <param name="state">What is wrong.</param>
    /// <param name="lastLines">What the run printed last.</param>
    /// <param name="address">For links to other ports.</param>
    /// <param name="nonce">Lets the page's own script run.</param>
    public static string Of(PreviewState state, string lastLines, PreviewAddress address, string nonce)
    {
        var (title, text) = Words(state);
        var body = new StringBuilder();
        body.Append("<p>").Append(Html(text)).Append("</p>");
        if (state.Trouble == PreviewTrouble.OtherPorts)
        {
            body.Append("<ul>");
            foreach (var other in state.Others)
            {
                var href = address.OriginOf(other.Port) + "/";
                body.Append($"<li><a href=\"{Html(href)}\">Port {other.Port}</a> ({Html(other.Process)})</li>");
            }

            body.Append("</ul>");
        }

        if (lastLines.Length > 0 && state.Trouble is PreviewTrouble.Ended or PreviewTrouble.Installing or PreviewTrouble.Starting)
        {
            body.Append("<h2>Last lines of its output</h2><pre tabindex=\"0\">").Append(Html(lastLines)).Append("</pre>");
        }

        body.Append("<p class=\"soft\" role=\"status\">This page shows the program as soon as it is there.</p>");
        return Frame(title, body.ToString(), state.Key, nonce);
    }

    /// <summary>For visitors, whom commands, output and other ports are no business of.</summary>
    public const string Away = "Nothing is shown here at the moment: the program does not run, or does not answer. Try again later.\n";

    /// <summary>The page for an address with a port that cannot be.</summary>
    public static string BadPort() => Frame(
        "This is not a port",
        "<p>A preview's address begins with a port from 1 to 65535, two dashes and the workspace's name. Open it from the output pane.</p>",
        null,
        "");

    /// <summary>The same in one line, for requests that are no navigation.</summary>
    public static string Line(PreviewState state)
    {
        var (title, text) = Words(state);
        return $"{title}. {text}\n";
    }

    private static (string Title, string Text) Words(PreviewState state) => state.Trouble switch
    {
        PreviewTrouble.Installing =>
            ("Installing", $"\"{state.Run.Command}\" is at work; the program starts after it."),
        PreviewTrouble.Starting =>
            ("Starting", $"\"{state.Run.Command}\" runs, and nothing listens on port {state.Port} yet."),
        PreviewTrouble.Ended when state.Run.Code is 0 =>
            ("The program has ended", $"\"{state.Run.Command}\" ended with code 0, and nothing listens on port {state.Port}. "
                + "Press Run to start it again."),
        PreviewTrouble.Ended =>
            ($"The program ended with code {state.Run.Code}",
                state.Run.Message ?? $"\"{state.Run.Command}\" failed. Mend it and press Run."),
        PreviewTrouble.Missing =>
            ("Something is not installed", state.Run.Message ?? "A tool that the project needs is missing."),
        PreviewTrouble.OtherPorts =>
            ($"Nothing listens on port {state.Port}", "Programs of this workspace listen here:"),
        PreviewTrouble.Unreachable =>
            ($"Port {state.Port} cannot be reached",
                $"{state.Entry!.Process} listens on {state.Entry.Address} only. Let it listen on localhost or 0.0.0.0."),
        PreviewTrouble.NoAnswer =>
            ($"No answer on port {state.Port}",
                "A program listens there, and broke the connection off or did not speak HTTP. Its terminal may say why."),
        _ =>
            ($"Nothing listens on port {state.Port}", "Press Run, or start a server in a terminal."),
    };

    private static string Frame(string title, string body, string? key, string nonce)
    {
        // Asked once a second: a request to the runner alone, which costs it nothing worth counting.
        var script = key is null ? "" : $$"""
            <script nonce="{{nonce}}">
            const shown = {{Script(key)}};
            setInterval(async () => {
              try {
                const now = await (await fetch("/.dropit/port", { cache: "no-store" })).text();
                if (now !== shown) location.reload();
              } catch { /* the workspace is away; asked again in a second */ }
            }, 1000);
            </script>
            <noscript><meta http-equiv="refresh" content="3"></noscript>
            """;
        return $$"""
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{{Html(title)}}</title>
            <style>
            :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
            body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#fff, #131316);
                   color: light-dark(#1c1c21, #e9e9ee); }
            main { max-width: 40rem; padding: 2rem; min-width: 0; box-sizing: border-box; width: 100%; }
            h1 { font-size: 1.25rem; margin: 0 0 .5rem; }
            h2 { font-size: .8rem; margin: 1.25rem 0 .25rem; font-weight: 600; }
            pre { margin: 0; padding: .75rem; overflow: auto; max-height: 50vh; border-radius: 6px; font-size: .8rem;
                  background: light-dark(#f3f3f6, #1e1e23); white-space: pre-wrap; overflow-wrap: anywhere; }
            a { color: light-dark(#1a56c4, #8ab4ff); }
            .soft { color: light-dark(#5d5d68, #a0a0ac); font-size: .85rem; }
            </style>
            <main>
            <h1>{{Html(title)}}</h1>
            {{body}}
            </main>
            {{script}}
            </html>
            """;
    }

    private static string Html(string text) => WebUtility.HtmlEncode(text);

    private static string Script(string key) => "\"" + System.Text.Encodings.Web.JavaScriptEncoder.Default.Encode(key) + "\"";
}
