using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace DropIt.Protocol.Workspaces;

/// <summary>Where a runner or the storage service is: a Unix socket or an HTTP address.</summary>
/// <param name="Socket">Path of the socket; null for HTTP.</param>
/// <param name="Http">The base address; for a socket one that only fills the Host header.</param>
public sealed partial record Address(string? Socket, Uri Http)
{
    // O_PATH | O_NOFOLLOW | O_CLOEXEC
    private const int PathOnly = 0x2A0000;

    private const string UnixPrefix = "unix:";

    /// <summary>Longest path of a Unix socket, in bytes; the kernel's bound with its NUL.</summary>
    private const int MaxSocketPath = 107;

    // A network that swallows the first packet of a connection swallows its repetitions too (a Service whose rules were not there yet); another connection goes through.
    private static readonly TimeSpan s_connect = TimeSpan.FromSeconds(5);

    // A peer that vanished without a word, as a node does, is noticed by whoever waits for it within half a minute.
    private const int KeepAliveSeconds = 15;
    private const int KeepAliveTrySeconds = 5;
    private const int KeepAliveTries = 3;

    /// <summary>Reads <c>unix:/path</c> or <c>http://host:port</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Address? address)
    {
        address = null;
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal))
        {
            var path = text[UnixPrefix.Length..];
            if (Path.IsPathRooted(path) && Encoding.UTF8.GetByteCount(path) <= MaxSocketPath)
            {
                address = OfSocket(path);
            }
        }
        else if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
        {
            address = new Address(null, uri);
        }

        return address is not null;
    }

    /// <summary>The Unix socket at an absolute <paramref name="path"/>.</summary>
    public static Address OfSocket(string path) => new(path, new Uri("http://localhost"));

    /// <summary>A handler whose requests go here, whatever host they name.</summary>
    public SocketsHttpHandler NewHandler() => new()
    {
        UseProxy = false,
        UseCookies = false,
        ConnectCallback = ConnectAsync,
    };

    /// <summary>As <see cref="TryParse"/> reads it.</summary>
    public override string ToString() => Socket is null ? Http.GetLeftPart(UriPartial.Authority) : UnixPrefix + Socket;

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var socket = Socket is null ? NewTcp() : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            patience.CancelAfter(s_connect);
            await (Socket is null
                ? socket.ConnectAsync(Http.Host, Http.Port, patience.Token)
                : ConnectAsync(socket, Socket, patience.Token));
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            socket.Dispose();
            throw new SocketException((int)SocketError.TimedOut);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Socket NewTcp()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveTrySeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveTries);
        return socket;
    }

    // Programs of a workspace can put something else where its runner's socket lies: a link must not lead to a socket that only the server may reach.
    private static async ValueTask ConnectAsync(Socket socket, string path, CancellationToken cancel)
    {
        using var file = new SafeFileHandle(Open(path, PathOnly), ownsHandle: true);
        if (file.IsInvalid)
        {
            throw new SocketException((int)SocketError.AddressNotAvailable); // as connecting by a name that is not there says
        }

        await socket.ConnectAsync(
            new UnixDomainSocketEndPoint(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.DangerousGetHandle()}")), cancel);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Open(string path, int flags);
}
