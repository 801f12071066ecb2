using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DropIt.Control.Answers;

/// <summary>Errors of the REST API: RFC 9457, whose <c>detail</c> is a sentence for the user with cause and cure.</summary>
internal static class Problem
{
    public static ProblemHttpResult Of(int status, string detail) => TypedResults.Problem(detail, statusCode: status);

    public static ProblemHttpResult NoWorkspace(string slug) => Of(
        StatusCodes.Status404NotFound,
        $"There is no workspace '{slug}' here. It may have been deleted; the home page lists those that exist.");

    public static ProblemHttpResult NoTeam() => Of(
        StatusCodes.Status404NotFound, "There is no such team (any more), or you are not in it. Ask one of its admins to add you.");
}
