using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace DropIt.Control.Users;

/// <summary>
/// One-time tokens that sign a browser in. They live in memory: a server that is started again prints a new one.
/// </summary>
/// <param name="options">For the address to print.</param>
public sealed class SignInTokens(ControlOptions options)
{
    // More are not waiting to be used by one person; the oldest go first when someone asks for many.
    private const int MaxOpen = 100;

    private readonly ConcurrentQueue<string> _order = new();
    private readonly ConcurrentDictionary<string, bool> _open = new();

    /// <summary>A fresh address to open in a browser, good for one sign-in.</summary>
    public string FreshAddress()
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
        _open[token] = true;
        _order.Enqueue(token);
        while (_order.Count > MaxOpen && _order.TryDequeue(out var oldest))
        {
            _open.TryRemove(oldest, out _);
        }

        return $"{options.Origin}/signin?token={token}";
    }

    /// <summary>True once for each token that was given out.</summary>
    public bool Use(string? token) => token is not null && _open.TryRemove(token, out _);
}
