using System.Globalization;
using System.Security.Cryptography;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Manifests;

namespace DropIt.Storage.Heads;

/// <summary>Where each kind of object lies (docs/storage.md, "Objects").</summary>
internal static class Keys
{
    /// <summary>All heads.</summary>
    public const string Heads = "heads/";

    /// <summary>All packs.</summary>
    public const string Packs = "packs/";

    /// <summary>All templates.</summary>
    public const string Templates = "templates/";

    /// <summary>All old heads.</summary>
    public const string History = "history/";

    /// <summary>All contents put ahead of their entry.</summary>
    public const string Uploads = "uploads/";

    /// <summary>All that is kept beside files.</summary>
    public const string AllKept = "kept/";

    /// <summary>What the collector found unreferenced, and when.</summary>
    public const string Garbage = "garbage";

    /// <summary>A workspace's head.</summary>
    public static string Head(Slug slug) => Heads + slug.Value;

    /// <summary>The head that a template's workspaces start from.</summary>
    public static string Template(ContentHash hash) => Templates + hash;

    /// <summary>A pack. Two digits make folders of bearable size on a disk.</summary>
    public static string Pack(string id) => $"{Packs}{id.AsSpan(0, 2)}/{id}";

    /// <summary>The old heads of a workspace.</summary>
    public static string HistoryOf(Slug slug) => $"{History}{slug}/";

    /// <summary>An old head.</summary>
    public static string OldHead(Slug slug, string name) => HistoryOf(slug) + name;

    /// <summary>The name of an old head in the first format: its revision.</summary>
    public static string FirstName(long revision) => revision.ToString("d12", CultureInfo.InvariantCulture);

    /// <summary>A name that no other old head has, also not one that someone else writes at this moment.</summary>
    public static string FreshName(long revision) => $"{FirstName(revision)}-{RandomNumberGenerator.GetHexString(16, lowercase: true)}";

    /// <summary>The uploads of a workspace.</summary>
    public static string UploadsOf(Slug slug) => $"{Uploads}{slug}/";

    /// <summary>A content put ahead of its entry. The size is in the name because the object is compressed.</summary>
    public static string Upload(Slug slug, ContentHash hash, long size) =>
        string.Create(CultureInfo.InvariantCulture, $"{UploadsOf(slug)}{hash}-{size}");

    /// <summary>What is kept beside a workspace's files.</summary>
    public static string KeptOf(Slug slug) => $"{AllKept}{slug}/";

    /// <summary>One of them.</summary>
    public static string Kept(Slug slug, string name) => KeptOf(slug) + name;
}
