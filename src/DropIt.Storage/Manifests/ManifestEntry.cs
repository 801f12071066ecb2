using DropIt.Protocol.Journal;

namespace DropIt.Storage.Manifests;

/// <summary>Where a content lies: raw deflate in a pack.</summary>
/// <param name="Pack">The pack's id: 32 hex digits.</param>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Compressed bytes.</param>
internal readonly record struct PackLocation(string Pack, long Offset, long Length);

/// <summary>
/// What a path is, or (kind delete, in a delta only) that it and all below it is gone.
/// </summary>
/// <param name="Path">A valid <see cref="WorkspacePath"/>.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Mode">Permission bits of a file or folder.</param>
/// <param name="Size">Bytes of a file.</param>
/// <param name="Hash">Of a file's content.</param>
/// <param name="Location">Of a file's content; null for other kinds, empty files, and what is accepted but not yet
/// persisted.</param>
/// <param name="Target">Text of a link.</param>
internal sealed record ManifestEntry(
    string Path, ChangeKind Kind, int Mode, long Size, ContentHash Hash, PackLocation? Location, string? Target = null);
