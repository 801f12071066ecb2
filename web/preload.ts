import type { Plugin, Rollup } from "vite";

/** Modules that a workspace needs before its first key, beside those of every page. */
const needed = ["/src/workspace/Workspace.tsx", "/src/editor/index.ts"];

/** Names their files on the script of index.html that begins the page (start.js), which fetches them ahead of their turn. */
export function preloadWorkspace(): Plugin {
  return {
    name: "preload-workspace",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle }) {
        const files = bundle ? filesOf(bundle) : [];
        return html.replace('src="/start.js"', `src="/start.js" data-workspace="${files.join(" ")}"`);
      },
    },
  };
}

function filesOf(bundle: Rollup.OutputBundle): string[] {
  const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
  const found = new Set<string>();
  const add = (name: string) => {
    const chunk = bundle[name];
    if (found.has(name) || chunk.type !== "chunk") return;
    found.add(name);
    chunk.imports.forEach(add);
  };
  for (const module of needed) {
    const chunk = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith(module));
    if (!chunk) throw new Error(`no file of the page begins with ${module}`);
    add(chunk.fileName);
  }
  return [...found].map((name) => `/${name}`);
}
