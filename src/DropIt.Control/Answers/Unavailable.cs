using Microsoft.AspNetCore.Http;

namespace DropIt.Control.Answers;

/// <summary>The answer while the database is away: nothing was done, and trying again soon helps.</summary>
public static class Unavailable
{
    private const string RetrySeconds = "2";

    /// <summary>For a program below <c>/api</c> a problem, for anyone else a page.</summary>
    /// <param name="http">The request.</param>
    /// <param name="cause">Why, without a full stop.</param>
    public static IResult Answer(HttpContext http, string cause)
    {
        var sentence = $"drop.it's database is not available: {cause}. Open workspaces go on working; try again in a moment.";
        http.Response.Headers.RetryAfter = RetrySeconds;
        http.Response.Headers.CacheControl = "no-store";
        return http.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal)
            ? Problem.Of(StatusCodes.Status503ServiceUnavailable, sentence)
            : SentencePage.Answer(StatusCodes.Status503ServiceUnavailable, "The database does not answer", sentence);
    }
}
