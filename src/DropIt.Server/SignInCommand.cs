using DropIt.Control.Users;
using DropIt.Protocol.Workspaces;

namespace DropIt.Server;

/// <summary><c>dropit-server signin</c>: asks the running server for another one-time address.</summary>
internal static class SignInCommand
{
    /// <summary>The server's side; only the admin socket leads here.</summary>
    public static void MapSignInCommand(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/admin/signin", async (SignInTokens tokens, CancellationToken cancel) => TypedResults.Text(await tokens.FreshAddressAsync(User.LocalId, cancel)));

    /// <summary>The caller's side; the answer is the exit code.</summary>
    public static async Task<int> RunAsync(string data)
    {
        using var handler = Address.OfSocket(DataFolder.AdminSocket(data)).NewHandler();
        using var client = new HttpClient(handler);
        try
        {
            using var answer = await client.PostAsync(new Uri("http://server/admin/signin"), null);
            answer.EnsureSuccessStatusCode();
            Console.WriteLine(await answer.Content.ReadAsStringAsync());
            return 0;
        }
        catch (HttpRequestException e)
        {
            await Console.Error.WriteLineAsync(
                $"dropit: no server answers on the data folder {data} ({e.Message}). Start one with ./dropit up, or name its folder with --data.");
            return 1;
        }
    }
}
