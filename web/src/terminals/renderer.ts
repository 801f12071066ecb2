import type { Terminal } from "@xterm/xterm";

/**
 * Draws with WebGL where a graphics card does the work; xterm's own DOM renderer stays where there is none, or when the
 * card takes its context back (too many terminals, a driver that failed).
 */
export async function drawWithGraphicsCard(terminal: Terminal, stillThere: () => boolean): Promise<void> {
  if (!hasGraphicsCard()) return;
  try {
    const { WebglAddon } = await import("@xterm/addon-webgl");
    if (!stillThere()) return;
    const addon = new WebglAddon();
    addon.onContextLoss(() => addon.dispose());
    terminal.loadAddon(addon);
  } catch {
    // No context, or the chunk did not come: the DOM renderer goes on.
  }
}

let answer: boolean | null = null;

function hasGraphicsCard(): boolean {
  if (answer !== null) return answer;
  const context = document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  const info = context?.getExtension("WEBGL_debug_renderer_info");
  const name = context && info ? String(context.getParameter(info.UNMASKED_RENDERER_WEBGL)) : "";
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  // Emulated by the processor it is slower than the DOM renderer.
  answer = context !== null && !/swiftshader|llvmpipe|software/i.test(name);
  return answer;
}
