using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DropIt.Storage.Tests.Objects;

/// <summary>
/// Writes down requests, and answers them as Amazon does for one object. Debian's gateway is older than the checksums that go behind a body.
/// </summary>
internal sealed partial class S3Listener : IAsyncDisposable
{
    // Whoever has no checksum of a body looks whether this is its MD5.
    private const string ETag = "25f9e794323b453885f5181f1b624d0b";

    private readonly WebApplication _app;
    private string? _mark;
    private bool _whole;
    private int _puts;

    private S3Listener(WebApplication app) => _app = app;

    /// <summary>What came, in order.</summary>
    public List<Seen> Requests { get; } = [];

    /// <summary>What a get is answered with.</summary>
    public string Content { get; set; } = "";

    /// <summary>Checksum of that, as it is said to be.</summary>
    public string? ContentChecksum { get; set; }

    /// <summary>Keep conditions of puts; every put that is kept then has an ETag of its own.</summary>
    public bool Conditions { get; set; }

    /// <summary>Uploads in parts that nobody has ended: keys, ids, and when they began.</summary>
    public List<(string Key, string Id, DateTime Began)> Uploads { get; } = [];

    public Uri Address => new(_app.Urls.First());

    public static async Task<S3Listener> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var listener = new S3Listener(builder.Build());
        listener._app.Run(listener.AnswerAsync);
        await listener._app.StartAsync();
        return listener;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, answer) = (context.Request, context.Response);
        using var reader = new StreamReader(request.Body, System.Text.Encoding.Latin1);
        var seen = new Seen(
            request.Method, request.Host.Value!, request.Path + request.QueryString, request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString()), await reader.ReadToEndAsync());
        Requests.Add(seen);
        answer.Headers.ETag = $"\"{ETag}\"";
        switch (request.Method)
        {
            case "GET" when request.Query.ContainsKey("uploads"):
                await answer.WriteAsync($"<ListMultipartUploadsResult>{string.Concat(Uploads.Select(upload =>
                    $"<Upload><Key>{upload.Key}</Key><UploadId>{upload.Id}</UploadId><Initiated>{upload.Began:yyyy-MM-ddTHH:mm:ss.fffZ}</Initiated></Upload>"))}</ListMultipartUploadsResult>");
                break;
            case "PUT" when Conditions && !Holds(seen):
                answer.StatusCode = StatusCodes.Status412PreconditionFailed;
                break;
            case "PUT" when Conditions:
                answer.Headers.ETag = NameOf(++_puts);
                answer.Headers["x-amz-checksum-crc32"] = seen.Checksum;
                break;
            case "POST" when request.Query.ContainsKey("uploads"):
                _mark = seen.Headers["x-amz-meta-put"];
                await answer.WriteAsync("<InitiateMultipartUploadResult><UploadId>upload</UploadId></InitiateMultipartUploadResult>");
                break;
            case "POST":
                _whole = true;
                await answer.WriteAsync($"<CompleteMultipartUploadResult><ETag>{ETag}</ETag></CompleteMultipartUploadResult>");
                break;
            case "PUT" when seen.Checksum is { } sum:
                answer.Headers["x-amz-checksum-crc32"] = sum;
                break;
            case "HEAD" when !_whole:
                answer.StatusCode = StatusCodes.Status404NotFound;
                break;
            case "HEAD":
                answer.Headers["x-amz-meta-put"] = _mark;
                break;
            case "GET":
                if (ContentChecksum is { } checksum)
                {
                    answer.Headers["x-amz-checksum-crc32"] = checksum;
                }

                answer.ContentLength = Content.Length;
                await answer.WriteAsync(Content);
                break;
            default:
                break;
        }
    }

    private bool Holds(Seen put) =>
        put.Headers.TryGetValue("if-match", out var match) ? match.Trim('"') == NameOf(_puts).Trim('"') : !put.Headers.ContainsKey("if-none-match") || _puts == 0;

    private static string NameOf(int put) => $"\"{put:x32}\"";

    /// <summary>A request.</summary>
    /// <param name="Method">Of HTTP.</param>
    /// <param name="Host">Name and port that it was sent to.</param>
    /// <param name="Target">Path and query.</param>
    /// <param name="Headers">By name in lower case.</param>
    /// <param name="Body">Bytes as characters; chunks and trailers are in it as they came.</param>
    internal sealed partial record Seen(string Method, string Host, string Target, IReadOnlyDictionary<string, string> Headers, string Body)
    {
        /// <summary>CRC-32 of the content in base64, ahead of the body or behind it.</summary>
        public string? Checksum => Headers.GetValueOrDefault("x-amz-checksum-crc32") ?? (Trailer().Match(Body) is { Success: true } found ? found.Groups[1].Value : null);

        [GeneratedRegex(@"x-amz-checksum-crc32:(\S+)")]
        private static partial Regex Trailer();
    }
}
