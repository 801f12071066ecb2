namespace DropIt.Storage.Objects;

/// <summary>Where workspaces lie in S3, and how it is spoken to.</summary>
public sealed record S3Options
{
    /// <summary>The bucket; it exists.</summary>
    public required string Bucket { get; init; }

    /// <summary>What every key starts with: empty, or one that ends in a slash.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Address of the gateway; null: Amazon's, by region.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Region that requests are signed for; null: as the SDK finds it, and us-east-1 with an endpoint.</summary>
    public string? Region { get; init; }

    /// <summary>The bucket stands in the path instead of the host name. Most gateways of one's own want it.</summary>
    public bool PathStyle { get; init; }

    /// <summary>
    /// Checksums go with every request. Gateways older than 2025 refuse them; contents carry their hash in any case.
    /// </summary>
    public bool Checksums { get; init; } = true;

    /// <summary>Key and secret; null: the SDK's own chain (environment, profile, web identity, the machine's role).</summary>
    public S3Credentials? Credentials { get; init; }

    /// <summary>
    /// How long one attempt may take until it is answered, and how long a body may stand still. A part of 8 MiB gets through in it at 420 kB/s.
    /// </summary>
    internal TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a request may take with its retries.</summary>
    internal TimeSpan RequestTimeout => 3 * AttemptTimeout;

    /// <summary>Bucket and prefix as one writes them.</summary>
    public override string ToString() => $"s3://{Bucket}/{Prefix}" + (Endpoint is null ? "" : $" at {Endpoint}");
}

/// <summary>A key of one's own.</summary>
/// <param name="AccessKey">Its name.</param>
/// <param name="SecretKey">Never logged.</param>
/// <param name="SessionToken">Of temporary credentials; null otherwise.</param>
public sealed record S3Credentials(string AccessKey, string SecretKey, string? SessionToken)
{
    /// <summary>Without the secrets.</summary>
    public override string ToString() => AccessKey;
}
