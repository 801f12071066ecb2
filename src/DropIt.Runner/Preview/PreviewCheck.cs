using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using DropIt.Runner.Sessions;
using Microsoft.Net.Http.Headers;

namespace DropIt.Runner.Preview;

/// <summary>What a program answers to a frame's first request (docs/protocol.md, <c>preview.check</c>); what it does not say is null.</summary>
internal sealed record PreviewAnswer(
    int? Status,
    string? Type,
    int? Bytes,
    string? Location,
    string? FrameOptions,
    string? Policy,
    string? Text,
    IReadOnlyList<string>? Insecure,
    string? Fault);

/// <summary>Asks a program for a page as a browser does, to find out why nothing of it is seen.</summary>
internal static partial class PreviewCheck
{
    /// <summary>Bytes read of an answer.</summary>
    private const int MaxBody = 64 * 1024;

    private const int MaxText = 2000;
    private const int MaxInsecure = 20;
    private const int MaxPath = 2048;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Answers the request.</summary>
    /// <param name="client">Reaches the workspace's programs only.</param>
    public static async ValueTask<Reply> AnswerAsync(
        JsonElement request, HttpMessageInvoker client, PreviewAddress address, CancellationToken ct)
    {
        if (!request.TryNumber("port", 1, 65535, out var port)
            || !request.TryText("path", out var path)
            || path.Length > MaxPath
            || !PreviewAddress.IsLocalPath(path))
        {
            return Reply.Failed(ErrorCode.BadRequest, "A check needs a port and a path that begins with a slash.");
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        PreviewAnswer answer;
        try
        {
            answer = await AskAsync(client, (int)port, path, address.Scheme == "https", patience.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            answer = Silent("It took the request and gave no answer within 5 seconds.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UriFormatException)
        {
            answer = Silent("It broke the connection off, or does not speak HTTP.");
        }

        return Reply.Of(answer, PreviewJson.Default.PreviewAnswer);
    }

    private static PreviewAnswer Silent(string fault) => new(null, null, null, null, null, null, null, null, fault);

    private static async Task<PreviewAnswer> AskAsync(
        HttpMessageInvoker client, int port, string path, bool secure, CancellationToken ct)
    {
        using var question = new HttpRequestMessage(HttpMethod.Get, PreviewAddress.LocalOriginOf(port) + path);
        question.Headers.Host = string.Create(CultureInfo.InvariantCulture, $"localhost:{port}");
        question.Headers.TryAddWithoutValidation(HeaderNames.Accept, "text/html,application/xhtml+xml,*/*;q=0.8");
        question.Headers.TryAddWithoutValidation("Sec-Fetch-Dest", "iframe");
        question.Headers.TryAddWithoutValidation("Sec-Fetch-Mode", "navigate");
        using var answer = await client.SendAsync(question, ct);
        var (body, length) = await ReadAsync(await answer.Content.ReadAsStreamAsync(ct), ct);
        var type = answer.Content.Headers.ContentType?.ToString();
        var text = type is null || type.StartsWith("text/", StringComparison.OrdinalIgnoreCase) || type.Contains("json", StringComparison.Ordinal)
            ? Encoding.UTF8.GetString(body, 0, length)
            : null;
        return new PreviewAnswer(
            (int)answer.StatusCode,
            type,
            length,
            answer.Headers.Location?.ToString(),
            Header("X-Frame-Options"),
            Header(HeaderNames.ContentSecurityPolicy),
            text is { Length: > MaxText } ? text[..MaxText] : text,
            secure && text is not null ? InsecureIn(text) : null,
            null);

        string? Header(string name) => answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
    }

    /// <summary>Until the end, the bound, or a second in which nothing came: a page may stream for ever.</summary>
    private static async Task<(byte[] Bytes, int Length)> ReadAsync(Stream stream, CancellationToken ct)
    {
        var bytes = new byte[MaxBody];
        var length = 0;
        try
        {
            while (length < MaxBody)
            {
                using var pause = CancellationTokenSource.CreateLinkedTokenSource(ct);
                pause.CancelAfter(TimeSpan.FromSeconds(1));
                var read = await stream.ReadAsync(bytes.AsMemory(length), pause.Token);
                if (read == 0)
                {
                    break;
                }

                length += read;
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
        }

        return (bytes, length);
    }

    private static List<string> InsecureIn(string html) =>
        [.. Loads().Matches(html).Select(match => match.Groups[1].Value).Distinct().Take(MaxInsecure)];

    [GeneratedRegex(
        """<(?:script|img|iframe|source|video|audio|link|embed)\b[^>]{0,500}?\b(?:src|href)\s*=\s*["']?(http://[^"'\s>]{1,300})""",
        RegexOptions.IgnoreCase,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Loads();
}

/// <summary>JSON of previews, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PreviewAnswer))]
internal sealed partial class PreviewJson : JsonSerializerContext;
