// Draws public/icons/*.png from icons/*.svg with Chromium (DROPIT_CHROMIUM or chromium). The pictures are committed:
// run this when a drawing has changed.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const web = fileURLToPath(new URL("..", import.meta.url));
const browser = process.env.DROPIT_CHROMIUM ?? "chromium";
const pictures = [
  ["app", 192],
  ["app", 512],
  ["maskable", 192],
  ["maskable", 512],
];

const folder = await mkdtemp(join(tmpdir(), "dropit-icons-"));
try {
  for (const [name, size] of pictures) {
    const drawing = await readFile(join(web, "icons", `${name}.svg`), "utf8");
    const page = join(folder, "icon.html");
    await writeFile(
      page,
      `<body style="margin:0">${drawing.replace("<svg", `<svg width="${size}" height="${size}" style="display:block"`)}`,
    );
    await promisify(execFile)(browser, [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--hide-scrollbars",
      "--default-background-color=00000000",
      `--user-data-dir=${join(folder, "profile")}`,
      `--window-size=${size},${size}`,
      `--screenshot=${join(web, "public/icons", `${name}-${size}.png`)}`,
      page,
    ]);
  }
} finally {
  await rm(folder, { recursive: true });
}
