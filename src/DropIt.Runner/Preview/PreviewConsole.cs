using Microsoft.Net.Http.Headers;

namespace DropIt.Runner.Preview;

/// <summary>
/// The script that tells the page around a preview what the previewed page logs: put into HTML that a frame asks for, where its content
/// policy allows one. It speaks to the control origin alone.
/// </summary>
internal static class PreviewConsole
{
    /// <summary>Where the script is, on each preview's origin.</summary>
    public const string Path = "/.dropit/console.js";

    /// <summary>A frame asks for a document: the script may have to go into the answer, so the answer must be readable.</summary>
    public static bool Wants(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Headers["Sec-Fetch-Dest"].ToString() is "iframe" or "frame";

    /// <summary>The tag that goes into an answer; null when none may: it is no HTML, is packed, or its policy allows no such script.</summary>
    public static string? TagFor(HttpRequest request, HttpResponseMessage answer)
    {
        var content = answer.Content.Headers;
        return Wants(request)
            && content.ContentType?.MediaType?.Equals("text/html", StringComparison.OrdinalIgnoreCase) == true
            && content.ContentType.CharSet?.StartsWith("utf-16", StringComparison.OrdinalIgnoreCase) != true
            && content.ContentEncoding.Count == 0
            && content.ContentRange is null
                ? Tag(answer.Headers.TryGetValues(HeaderNames.ContentSecurityPolicy, out var policies) ? policies : [])
                : null;
    }

    /// <summary>The tag under these content policies, all of which must allow it; null when one does not.</summary>
    public static string? Tag(IEnumerable<string> policies)
    {
        string? nonce = null;
        foreach (var policy in policies.SelectMany(header => header.Split(',')))
        {
            var directives = policy
                .Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Select(directive => directive.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .GroupBy(words => words[0].ToLowerInvariant())
                .ToDictionary(same => same.Key, same => same.First()[1..]);
            if (directives.TryGetValue("sandbox", out var allowed) && !allowed.Contains("allow-scripts"))
            {
                return null;
            }

            var sources = directives.GetValueOrDefault("script-src-elem")
                ?? directives.GetValueOrDefault("script-src")
                ?? directives.GetValueOrDefault("default-src");
            if (sources is null)
            {
                continue;
            }

            var own = sources.FirstOrDefault(source => source.StartsWith("'nonce-", StringComparison.OrdinalIgnoreCase) && source.EndsWith('\''));
            if (own is not null && (nonce is null || nonce == own[7..^1]))
            {
                nonce = own[7..^1];
            }
            else if (sources.Contains("'strict-dynamic'")
                || !sources.Any(source => source is "'self'" or "*" or "http:" or "https:"))
            {
                return null;
            }
        }

        return nonce is null || !nonce.All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '/' or '=' or '-' or '_')
            ? nonce is null ? $"<script src=\"{Path}\"></script>" : null
            : $"<script src=\"{Path}\" nonce=\"{nonce}\"></script>";
    }

    /// <summary>The script. Entries are at most 4,000 characters, 200 a second; what is past that is counted.</summary>
    /// <param name="home">The control origin.</param>
    public static string Script(string home) => $$"""
        (() => {
          "use strict";
          if (window.top === window || window.dropitConsole) return;
          Object.defineProperty(window, "dropitConsole", { value: true });
          const home = {{"\"" + System.Text.Encodings.Web.JavaScriptEncoder.Default.Encode(home) + "\""}};
          const send = (message) => window.top.postMessage({ dropit: "preview", ...message }, home);
          const cut = (text, most) => (text.length > most ? text.slice(0, most) + "…" : text);

          let room = 200;
          let left = 0;
          setInterval(() => {
            room = 200;
            if (left > 0) send({ kind: "entry", level: "warn", text: left + " more lines in that second were left out" });
            left = 0;
          }, 1000);
          const entry = (level, text, source) => {
            if (room-- > 0) send({ kind: "entry", level, text: cut(text, 4000), source: source && cut(source, 300) });
            else left++;
          };

          const show = (value, depth, seen) => {
            if (typeof value === "string") return depth > 0 ? JSON.stringify(cut(value, 500)) : value;
            if (typeof value === "function") return "ƒ " + (value.name || "anonymous") + "()";
            if (typeof value === "bigint") return value + "n";
            if (typeof value !== "object" || value === null) return String(value);
            try {
              if (value instanceof Error) return value.stack && value.stack.includes(value.message) ? value.stack : value + "\n" + value.stack;
              if (value instanceof Element) return "<" + value.tagName.toLowerCase() + (value.id ? "#" + value.id : "") + ">";
              if (value instanceof Date) return value.toISOString();
              if (seen.includes(value)) return "(circular)";
              if (depth >= 3) return Array.isArray(value) ? "[…]" : "{…}";
              const inner = [...seen, value];
              if (value instanceof Map) return "Map " + show(Object.fromEntries([...value].slice(0, 50)), depth, inner);
              if (value instanceof Set) return "Set " + show([...value].slice(0, 50), depth, inner);
              if (Array.isArray(value)) {
                return "[" + value.slice(0, 50).map((one) => show(one, depth + 1, inner)).join(", ") + (value.length > 50 ? ", …" : "") + "]";
              }
              const keys = Object.keys(value);
              const name = value.constructor && value.constructor.name !== "Object" ? value.constructor.name + " " : "";
              return name + "{" + keys.slice(0, 50).map((key) => key + ": " + show(value[key], depth + 1, inner)).join(", ") + (keys.length > 50 ? ", …" : "") + "}";
            } catch {
              return Object.prototype.toString.call(value);
            }
          };
          const say = (values) => {
            let rest = values;
            if (typeof values[0] === "string" && values.length > 1 && /%[sdifoOc]/.test(values[0])) {
              rest = values.slice(1);
              const first = values[0].replace(/%[sdifoOc%]/g, (mark) =>
                mark === "%%" ? "%" : rest.length === 0 ? mark : mark === "%c" ? (rest.shift(), "") : show(rest.shift(), 0, []));
              rest = [first, ...rest];
            }
            return rest.map((value) => show(value, 0, [])).join(" ");
          };

          for (const level of ["log", "info", "warn", "error", "debug"]) {
            const before = console[level];
            console[level] = function (...values) {
              try {
                entry(level, say(values));
              } catch {
                // A value that cannot be shown must not break the page that logs it.
              }
              return before.apply(this, values);
            };
          }
          addEventListener("error", (event) => {
            const at = event.target;
            if (at instanceof Element) {
              const address = at.currentSrc || at.src || at.href || "";
              const mixed = location.protocol === "https:" && String(address).startsWith("http:");
              entry("error", mixed
                ? "Blocked: this page came over https and loads " + address + " over http"
                : "Could not load " + at.tagName.toLowerCase() + " " + address);
            } else {
              entry("error", event.error ? show(event.error, 0, []) : event.message, event.filename && event.filename + ":" + event.lineno + ":" + event.colno);
            }
            page(event.target instanceof Element ? undefined : true);
          }, true);
          addEventListener("unhandledrejection", (event) => entry("error", "Unhandled rejection: " + show(event.reason, 0, [])));
          document.addEventListener("securitypolicyviolation", (event) =>
            entry("error", "The page's content policy (" + event.effectiveDirective + ") blocked " + event.blockedURI));

          let failed = false;
          let said = "";
          const seen = "img,svg,canvas,video,audio,iframe,object,embed,input,button,textarea,select,hr";
          const page = (error) => {
            failed ||= error === true;
            const empty = !document.body || (document.body.innerText.trim() === "" && !document.body.querySelector(seen));
            const message = {
              kind: "page", path: cut(location.pathname + location.search + location.hash, 2000), title: cut(document.title, 200),
              empty, failed, done: document.readyState === "complete",
            };
            const text = JSON.stringify(message);
            if (text !== said) send(message);
            said = text;
          };
          page();
          addEventListener("DOMContentLoaded", () => page());
          addEventListener("load", () => {
            page();
            // What a program draws comes a moment after.
            for (const wait of [100, 1000, 3000]) setTimeout(page, wait);
          });
          for (const change of ["pushState", "replaceState"]) {
            const before = history[change];
            history[change] = function (...values) {
              const result = before.apply(this, values);
              page();
              return result;
            };
          }
          addEventListener("popstate", () => page());
          addEventListener("hashchange", () => page());
        })();
        """;
}
