namespace DropIt.Storage.Objects;

/// <summary>The object store could not do what it was asked; the message is for the user: cause, then cure.</summary>
/// <param name="message">See above.</param>
/// <param name="misconfigured">See <see cref="Misconfigured"/>.</param>
/// <param name="inner">What it came from.</param>
public sealed class ObjectStoreException(string message, bool misconfigured, Exception? inner) : IOException(message, inner)
{
    /// <summary>It will not go away by itself: somebody has to change an option, a right or the store.</summary>
    public bool Misconfigured { get; } = misconfigured;
}
