using System.Net;
using Amazon.Runtime;
using Amazon.S3;

namespace DropIt.Storage.Objects;

/// <summary>What went wrong with S3, as a sentence with its cure.</summary>
internal static class S3Fault
{
    /// <summary>The gateway does something that storage cannot live with.</summary>
    public static ObjectStoreException Unfit(S3Options options, string what) =>
        new($"The object store {options} {what} Update it, or use another.", true, null);

    /// <summary>What a failed request means; null for what is no trouble with S3.</summary>
    public static ObjectStoreException? Of(Exception e, S3Options options) => e switch
    {
        ObjectStoreException known => known,
        AmazonS3Exception { ErrorCode: "NoSuchBucket" } => new(
            $"There is no bucket {options.Bucket} at the object store {options}. Make it, or name another with --s3.", true, e),
        AmazonS3Exception { StatusCode: HttpStatusCode.Forbidden } denied => new(
            $"The object store {options} refuses the key it was given ({Code(denied)}). Give one that may list the bucket and read, put and delete below "
                + "the prefix: DROPIT_S3_ACCESS_KEY and DROPIT_S3_SECRET_KEY, or any place that the AWS SDK looks at.",
            true,
            e),
        AmazonS3Exception { StatusCode: HttpStatusCode.MovedPermanently or HttpStatusCode.TemporaryRedirect } moved => new(
            $"The bucket {options.Bucket} lies in another region ({Code(moved)}). Name it with --s3-region.", true, e),
        AmazonS3Exception { StatusCode: HttpStatusCode.BadRequest } refused => new(
            $"The object store {options} cannot read the request ({Code(refused)}: {refused.Message}). Does --s3-region fit, and does an older gateway need "
                + "--s3-checksums required?",
            true,
            e),
        AmazonS3Exception failed => new(
            $"The object store {options} failed ({(int)failed.StatusCode} {Code(failed)}: {failed.Message}). It is tried again.", false, e),
        AmazonClientException when e.InnerException is HttpRequestException or OperationCanceledException or TimeoutException => Of(e.InnerException, options),
        AmazonClientException => new(
            $"The object store {options} cannot be asked: {e.Message} Give a key by DROPIT_S3_ACCESS_KEY and DROPIT_S3_SECRET_KEY, or in any place that the "
                + "AWS SDK looks at.",
            true,
            e),
        InvalidDataException => new(
            $"What the object store {options} sent was damaged: it is not what its checksum says. It is tried again; if it stays so, ./dropit storage verify "
                + "says what is touched.",
            false,
            e),
        OperationCanceledException or TimeoutException => new(
            $"The object store {options} did not answer in time. It is tried again; if it stays so, look at its log and at the network.", false, e),
        HttpRequestException or IOException => new(
            $"The object store {options} cannot be reached ({e.Message}). It is tried again; is it running, and is --s3-endpoint right?", false, e),
        _ => null,
    };

    private static string Code(AmazonS3Exception e) => e.ErrorCode is { Length: > 0 } code ? code : $"{e.StatusCode}";
}
