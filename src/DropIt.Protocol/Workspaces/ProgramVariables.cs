namespace DropIt.Protocol.Workspaces;

/// <summary>What programs of a workspace get of the environment of whoever started the server.</summary>
public static class ProgramVariables
{
    /// <summary>
    /// The names; everything else stays out, as it may hold secrets. Toolchains and certificates are here because installs fail without them.
    /// </summary>
    public static IReadOnlyList<string> PassedOn { get; } =
    [
        "HOME", "PATH", "USER", "LOGNAME", "TZ", "TMPDIR", "XDG_CACHE_HOME",
        "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "PIP_CERT", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO",
        "GOPATH", "GOROOT", "GOPROXY", "GOSUMDB", "GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOFLAGS", "GOTOOLCHAIN", "CARGO_HOME", "RUSTUP_HOME", "JAVA_HOME", "DOTNET_ROOT",
        "NVM_DIR", "PYENV_ROOT", "npm_config_registry", "npm_config_cache", "NUGET_PACKAGES", "PIP_INDEX_URL", "PIP_FIND_LINKS", "PLAYWRIGHT_BROWSERS_PATH",
    ];

    /// <summary>Those of <see cref="PassedOn"/> that name a folder which programs write to.</summary>
    public static IReadOnlySet<string> Written { get; } =
        new HashSet<string> { "HOME", "TMPDIR", "XDG_CACHE_HOME", "GOPATH", "CARGO_HOME", "npm_config_cache", "NUGET_PACKAGES" };
}
