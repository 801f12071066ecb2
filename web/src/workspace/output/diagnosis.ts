import type { Port, PreviewCheck } from "@/connection";
import type { Entry, PageReport } from "./console";

/** One thing that may keep a page from being seen: what it is, and the cure. */
export type Finding = { tone: "fault" | "hint"; title: string; text: string; open?: boolean };

export type Evidence = {
  port: Port | undefined;
  asked: number;
  check: PreviewCheck | null;
  page: PageReport | undefined;
  entries: readonly Entry[];
  /** Origin of the page around the frame. */
  home: string;
};

/** Why a preview is blank, worst first; empty when nothing speaks for it. */
export function diagnose({ port, asked, check, page, entries, home }: Evidence): Finding[] {
  if (!port) {
    return [
      {
        tone: "fault",
        title: `Nothing listens on port ${asked}`,
        text: "The program is not running, crashed, or listens on another port. Its log says more; press Run to start it.",
      },
    ];
  }
  if (!port.reachable) {
    return [
      {
        tone: "fault",
        title: `It listens on ${port.address} only`,
        text: "The output cannot reach that address. Make the program listen on 0.0.0.0 or localhost.",
      },
    ];
  }
  if (check === null) return [];
  return [...ofAnswer(check, home), ...ofPage(check, page, entries)];
}

/** How servers say it: Vite and webpack "This host is not allowed", Django "Invalid HTTP_HOST header", Werkzeug "Host … is not trusted". */
const refusesHost =
  /\bhost\b[^]*(block|allow|invalid|not trusted)|(block|invalid)[^]*\bhost\b|invalid http_host header/i;

function ofAnswer(check: PreviewCheck, home: string): Finding[] {
  const found: Finding[] = [];
  if (check.fault !== undefined) {
    return [{ tone: "fault", title: "The program does not answer", text: `${check.fault} Its log may say why.` }];
  }
  const status = check.status ?? 0;
  if (status >= 400 && refusesHost.test(check.text ?? "")) {
    found.push({
      tone: "fault",
      title: "The program refuses this host name",
      text: "Its server allows certain hosts only. Allow localhost in its settings (Vite: server.allowedHosts, Django: ALLOWED_HOSTS).",
    });
  } else if (status >= 400) {
    found.push({
      tone: "fault",
      title: `It answers ${status}`,
      text: status === 404 ? "There is no page at this path. Try another one." : "Its log may say why.",
    });
  }
  const refusal = frameRefusal(check, home);
  if (refusal !== null) {
    found.push({ tone: "fault", title: "It refuses to be shown in a frame", text: refusal, open: true });
  }
  if (
    check.location !== undefined &&
    !/^(\/(?!\/)|https?:\/\/(localhost|127\.0\.0\.1)\b|[^:]*$)/.test(check.location)
  ) {
    found.push({
      tone: "hint",
      title: "It sends the browser elsewhere",
      text: `To ${check.location}, which may refuse to be shown in a frame.`,
      open: true,
    });
  }
  if (status < 300 && check.bytes === 0) {
    found.push({ tone: "fault", title: "The answer is empty", text: "The program answered without a body." });
  }
  if ((check.insecure?.length ?? 0) > 0) {
    found.push({
      tone: "fault",
      title: "It loads parts over http",
      text: `This page came over https, so the browser blocks ${check.insecure?.slice(0, 3).join(", ") ?? ""}. Use https there, or addresses without a host.`,
    });
  }
  return found;
}

function ofPage(check: PreviewCheck, page: PageReport | undefined, entries: readonly Entry[]): Finding[] {
  const error = entries.find(({ level }) => level === "error");
  if (page && !page.empty) return [];
  if (error) {
    return [
      {
        tone: "fault",
        title: "The page reports an error",
        text: `${error.text.split("\n")[0] ?? ""}${error.source === null ? "" : ` (${error.source})`}`,
      },
    ];
  }
  if (page?.empty === true && page.done && (check.status ?? 0) < 400) {
    return [
      {
        tone: "hint",
        title: "The page loaded and shows nothing",
        text: "Its body is empty. If a script draws it, look at the console.",
      },
    ];
  }
  return [];
}

/** Why a frame of `home` may not show it, in words; null when it may. */
function frameRefusal({ frameOptions, policy }: PreviewCheck, home: string): string | null {
  const ancestors = /(?:^|[;,])\s*frame-ancestors([^;,]*)/i.exec(policy ?? "")?.[1]?.trim();
  if (ancestors !== undefined) {
    const allowed = ancestors
      .split(/\s+/)
      .some((source) => source === "*" || source === home || source === new URL(home).protocol);
    return allowed
      ? null
      : `Its header Content-Security-Policy says frame-ancestors ${ancestors}. Open it in a new tab, or take that out.`;
  }
  // Without frame-ancestors the old header counts.
  if (frameOptions !== undefined && /deny|sameorigin/i.test(frameOptions)) {
    return `Its header X-Frame-Options says ${frameOptions}. Open it in a new tab, or take the header out.`;
  }
  return null;
}
