namespace DropIt.Runner.Preview;

/// <summary>
/// Which page a request comes from. All workspaces of a server live below one domain, and a browser sends a preview's cookie along with what a page of any
/// of them asks for; only this workspace's pages, and the product's own, may use it. Pure.
/// </summary>
internal static class PreviewSource
{
    /// <summary>What a page of another workspace is told.</summary>
    public const string Refusal = "A page of another workspace asked for this. Only this workspace's own pages may.";

    /// <summary>True when a page of another workspace, or one that hides itself, sent it in the name of whoever looks at that page.</summary>
    /// <param name="request">On a preview's host.</param>
    /// <param name="address">This workspace's.</param>
    public static bool IsForeign(HttpRequest request, PreviewAddress address)
    {
        // 1. The browser says it, where it trusts the address: no page can set this header.
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site is "same-origin" or "none")
        {
            return false;
        }

        // 2. The page's origin, or its address. Whoever follows a link sees what comes, and nobody else does.
        var origin = request.Headers.Origin.ToString();
        var source = origin is "" or "null" ? request.Headers.Referer.ToString() : origin;
        var navigates = PreviewForwarder.IsNavigation(request);
        if (Uri.TryCreate(source, UriKind.Absolute, out var page))
        {
            var known = page.GetLeftPart(UriPartial.Authority);
            var own = address.IsPreview(known) || known.Equals(address.ControlOrigin, StringComparison.OrdinalIgnoreCase);
            return !own && address.IsOfDomain(page.Host) && !(navigates && !IsFrame(request));
        }

        // 3. A page that hides where it is may lead here, and nothing else.
        return site.Length > 0 && !navigates;
    }

    private static bool IsFrame(HttpRequest request) =>
        request.Headers["Sec-Fetch-Dest"].ToString() is "iframe" or "frame" or "embed" or "object";
}
