namespace DropIt.Browser.Tests.Harness;

/// <summary>The decoder jsQR, run in a page: what a phone's camera would make of a picture.</summary>
internal static class QrReader
{
    private static readonly Lazy<string> Script =
        new(() => File.ReadAllText(Path.Combine(Checkout.Root, "web/node_modules/jsqr/dist/jsQR.js")));

    /// <summary>The text of the QR code in a picture.</summary>
    /// <param name="page">A page that allows images of any kind, such as an empty one.</param>
    /// <param name="png">The picture.</param>
    public static async Task<string> ReadAsync(IPage page, byte[] png)
    {
        await page.AddScriptTagAsync(new() { Content = Script.Value });
        var text = await page.EvaluateAsync<string?>(
            """
            async (base64) => {
              const image = new Image();
              image.src = `data:image/png;base64,${base64}`;
              await image.decode();
              const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
              canvas.drawImage(image, 0, 0);
              const { data, width, height } = canvas.getImageData(0, 0, image.width, image.height);
              return jsQR(data, width, height)?.data ?? null;
            }
            """,
            Convert.ToBase64String(png));
        return text ?? throw new InvalidOperationException("There is no QR code in the picture.");
    }
}
