using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DropIt.Server;

/// <summary>
/// The certificate of the page's host and of all workspaces, from PEM files. They are read again when they change, for new connections; a Secret mounted into
/// the pod is such files. While what is there cannot be read, the last that could is used.
/// </summary>
internal sealed class WildcardCertificate
{
    // A connection that comes in between uses the one before, which is good for weeks more.
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromSeconds(5);

    private readonly string _chain;
    private readonly string _key;
    private readonly TimeProvider _time;
    private readonly Action<string> _warn;
    private readonly Lock _lock = new();
    private X509Certificate2 _current;
    private string _seen;
    private DateTimeOffset _looked;

    private WildcardCertificate(string chain, string key, X509Certificate2 current, TimeProvider time, Action<string> warn)
    {
        (_chain, _key, _current, _time, _warn) = (chain, key, current, time, warn);
        (_seen, _looked) = (Stamp(), time.GetUtcNow());
    }

    /// <summary>Reads both files; the problem is a sentence with its cure.</summary>
    public static (WildcardCertificate? Certificate, string? Problem) Open(string chain, string key, TimeProvider time, Action<string> warn)
    {
        try
        {
            return (new WildcardCertificate(chain, key, Read(chain, key), time, warn), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return (null, $"--tls-certificate {chain} --tls-key {key}: cannot be used ({e.Message}). Give a PEM certificate with its chain, and its PEM key.");
        }
    }

    /// <summary>The certificate for a connection that begins now.</summary>
    public X509Certificate2 Now()
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            if (now - _looked < s_betweenLooks)
            {
                return _current;
            }

            _looked = now;
            try
            {
                if (Stamp() is var stamp && stamp != _seen)
                {
                    _current = Read(_chain, _key);
                    _seen = stamp;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
            {
                // Perhaps one of the two files is written and the other not yet.
                _warn($"The certificate {_chain} cannot be read any more ({e.Message}); the last one, good until {_current.NotAfter:u}, is used.");
            }

            return _current;
        }
    }

    private static X509Certificate2 Read(string chain, string key)
    {
        using var pem = X509Certificate2.CreateFromPemFile(chain, key);
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }

    private string Stamp() => Convert.ToHexStringLower(SHA256.HashData([.. File.ReadAllBytes(_chain), .. File.ReadAllBytes(_key)]));
}
