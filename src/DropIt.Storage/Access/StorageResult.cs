namespace DropIt.Storage.Access;

/// <summary>Why something expected did not work.</summary>
public enum StorageError
{
    /// <summary>It worked.</summary>
    None,

    /// <summary>No such workspace, file or template.</summary>
    NotFound,

    /// <summary>The slug is taken.</summary>
    Exists,

    /// <summary>The path names a folder or a link.</summary>
    NotAFile,

    /// <summary>A bound of this service.</summary>
    TooLarge,

    /// <summary>No room in the object store.</summary>
    Full,

    /// <summary>The medium failed.</summary>
    Failed,
}

/// <summary>How a call without a value ended.</summary>
/// <param name="Error">None when it worked.</param>
/// <param name="Message">For the user, cause then cure; empty when it worked.</param>
public sealed record StorageResult(StorageError Error, string Message)
{
    internal const string FullMessage = "The store that holds the workspaces is full. Free some space and try again.";

    /// <summary>It worked.</summary>
    public static StorageResult Ok { get; } = new(StorageError.None, "");

    /// <summary>True when it worked.</summary>
    public bool Succeeded => Error == StorageError.None;
}

/// <summary>How a call with a value ended.</summary>
/// <param name="Value">Null when it did not work.</param>
/// <param name="Error">None when it worked.</param>
/// <param name="Message">For the user, cause then cure; empty when it worked.</param>
public sealed record StorageResult<T>(T? Value, StorageError Error, string Message)
    where T : class
{
    internal static StorageResult<T> Of(T value) => new(value, StorageError.None, "");

    internal static StorageResult<T> Failed(StorageError error, string message) => new(null, error, message);
}
