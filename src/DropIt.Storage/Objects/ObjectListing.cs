using System.Runtime.CompilerServices;

namespace DropIt.Storage.Objects;

/// <summary>Listings without their pages.</summary>
internal static class ObjectListing
{
    private const int PageLength = 1000;

    /// <summary>All objects whose key starts with <paramref name="prefix"/>, in order; what is put or deleted meanwhile may be there or not.</summary>
    public static async IAsyncEnumerable<ObjectInfo> AllAsync(
        this IObjectStore store, string prefix, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (string? after = null; ;)
        {
            var page = await store.ListAsync(prefix, after, PageLength, cancel);
            foreach (var item in page.Objects)
            {
                yield return item;
            }

            if ((after = page.Next) is null)
            {
                yield break;
            }
        }
    }
}
