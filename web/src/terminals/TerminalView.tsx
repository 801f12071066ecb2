import { FitAddon } from "@xterm/addon-fit";
import type { SearchAddon } from "@xterm/addon-search";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { useEffect, useRef, useState } from "react";
import { later } from "@/components/later";
import type { Connection } from "@/connection";
import type { Documents } from "@/documents";
import { held } from "@/keys/modifiers";
import { TerminalClient } from "./client";
import { clipboardText, copyText, pasteable, programCopy, type ProgramCopy } from "./clipboard";
import { coloursOfPage, watchColours } from "./colours";
import { linkProvider, type TerminalLink } from "./links";
import { drawWithGraphicsCard } from "./renderer";

const FindBar = later(() => import("./FindBar"));

/** What can be done to a terminal from around it. */
export interface TerminalHandle {
  focus(): void;
  /** Takes text as if it were typed. */
  type(text: string): void;
  size(): { columns: number; rows: number };
  hasSelection(): boolean;
  /** False when the browser refused. */
  copy(): Promise<boolean>;
  /** False when the browser gives the clipboard to key presses only. */
  paste(): Promise<boolean>;
  selectAll(): void;
  /** Takes away what is above the cursor's line, on this page only. */
  clear(): void;
  find(): void;
}

export interface TerminalViewProps {
  connection: Connection;
  documents: Documents;
  /** The terminal's id, as in the connection's `hello`. */
  terminal: string;
  /** A font family; the page's own when empty or left out. */
  font?: string;
  /** Pixels; 13 when left out. */
  fontSize?: number;
  /** Takes the focus when it is shown. */
  autoFocus?: boolean;
  /** Keeps the text where screen readers find it, and has new lines read out. */
  screenReader?: boolean;
  /** A link was clicked. */
  onLink: (link: TerminalLink) => void;
  /** A program put text on the clipboard, or was refused. */
  onProgramCopy: (copy: NonNullable<ProgramCopy>) => void;
  /** It has the focus now. */
  onFocus?: () => void;
  /** Gives the handle while the terminal is shown, null at its end. */
  onHandle?: (handle: TerminalHandle | null) => void;
  className?: string;
}

/** Lines above the screen: about what the runner keeps (512 KiB) in lines of usual length. */
const scrollback = 10_000;
/** A size that has held for so long is the page's. Milliseconds. */
const settled = 80;

export default function TerminalView(props: TerminalViewProps) {
  const { connection, documents, terminal: id, font = "", fontSize = 13, autoFocus } = props;
  const { screenReader = false, className } = props;
  const host = useRef<HTMLDivElement>(null);
  const shown = useRef<{ xterm: Terminal; fit: () => void }>(null);
  const latest = useRef({ ...props, font, fontSize, screenReader });
  const [search, setSearch] = useState<SearchAddon | null>(null);
  const [flash, setFlash] = useState(0);

  useEffect(() => {
    latest.current = { ...props, font, fontSize, screenReader };
  });

  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const xterm = new Terminal({
      scrollback,
      fontSize: latest.current.fontSize,
      fontFamily: familyOf(element, latest.current.font),
      theme: coloursOfPage(),
      cursorInactiveStyle: "outline",
      minimumContrastRatio: 4.5,
      rightClickSelectsWord: false,
      screenReaderMode: latest.current.screenReader,
      // Search marks its matches in ways that xterm calls proposed.
      allowProposedApi: true,
    });
    const fitting = new FitAddon();
    xterm.loadAddon(fitting);
    xterm.open(element);
    // The programs in bench/ time what reaches the emulator.
    Object.assign(element, { xterm });
    const client = new TerminalClient(connection, id, xterm, () => documents.pushAll());
    // A hidden terminal keeps the size that it had.
    const fit = () => {
      const size = element.offsetWidth > 0 && element.offsetHeight > 0 ? fitting.proposeDimensions() : undefined;
      if (size && size.cols > 0 && size.rows > 0) client.fit(size.cols, size.rows);
    };
    fit();
    client.start();

    let there = true;
    let searching: SearchAddon | null = null;
    const find = async () => {
      const { SearchAddon } = await import("@xterm/addon-search");
      if (!there) return;
      if (searching === null) {
        searching = new SearchAddon();
        xterm.loadAddon(searching);
      }
      setSearch(searching);
    };
    xterm.attachCustomKeyEventHandler((event) => handleKey(xterm, event, () => void find()));
    const paste = (event: ClipboardEvent) => {
      const text = event.clipboardData?.getData("text/plain") ?? "";
      event.preventDefault();
      event.stopPropagation();
      if (text !== "") xterm.paste(pasteable(text));
    };
    // Ahead of xterm, which pastes what it is given.
    element.addEventListener("paste", paste, { capture: true });
    const focus = () => {
      client.claim();
      latest.current.onFocus?.();
    };
    element.addEventListener("focusin", focus);

    const disposables = [
      xterm.onData((data) => client.input(held.type(data))),
      xterm.onBinary((data) => client.input(Uint8Array.from(data, (unit) => unit.charCodeAt(0)))),
      xterm.onBell(() => {
        if (!client.restores) setFlash((count) => count + 1);
      }),
      xterm.registerLinkProvider(
        linkProvider(
          xterm,
          (paths) => connection.request("terminal.resolve", { terminal: id, paths }).then(({ files }) => files),
          (link) => latest.current.onLink(link),
        ),
      ),
      xterm.parser.registerOscHandler(52, (data) => {
        const copy = client.restores ? null : programCopy(data);
        if (copy) latest.current.onProgramCopy(copy);
        return true;
      }),
    ];
    const unwatchState = client.state.subscribe(() => {
      const state = client.state.get();
      if (state.kind === "exited") xterm.write(`\r\n\x1b[90m[${exitText(state.code, state.signal)}]\x1b[0m\r\n`);
      else if (state.kind === "refused") xterm.write(`\r\n${state.message}\r\n`);
    });
    const unwatchColours = watchColours(() => (xterm.options.theme = coloursOfPage()));
    // A border that is dragged makes one change of size, not sixty a second: each is kept in the terminal's history.
    let settling: ReturnType<typeof setTimeout> | undefined;
    const observer = new ResizeObserver(() => {
      clearTimeout(settling);
      settling = setTimeout(fit, settled);
    });
    observer.observe(element);
    void drawWithGraphicsCard(xterm, () => there);
    shown.current = { xterm, fit };
    latest.current.onHandle?.({
      focus: () => xterm.focus(),
      type: (text) => xterm.input(text),
      size: () => ({ columns: xterm.cols, rows: xterm.rows }),
      hasSelection: () => xterm.hasSelection(),
      copy: () => copyText(xterm.getSelection()),
      paste: async () => {
        const text = await clipboardText();
        if (text !== null) xterm.paste(pasteable(text));
        return text !== null;
      },
      selectAll: () => xterm.selectAll(),
      clear: () => xterm.clear(),
      find: () => void find(),
    });
    return () => {
      there = false;
      shown.current = null;
      latest.current.onHandle?.(null);
      element.removeEventListener("paste", paste, { capture: true });
      element.removeEventListener("focusin", focus);
      observer.disconnect();
      clearTimeout(settling);
      unwatchColours();
      unwatchState();
      client.close();
      for (const disposable of disposables) disposable.dispose();
      xterm.dispose();
      setSearch(null);
    };
  }, [connection, documents, id]);

  useEffect(() => {
    if (autoFocus === true) shown.current?.xterm.focus();
  }, [connection, documents, id, autoFocus]);

  useEffect(() => {
    const now = shown.current;
    if (now === null) return;
    now.xterm.options.screenReaderMode = screenReader;
    const fontFamily = familyOf(host.current, font);
    if (now.xterm.options.fontSize === fontSize && now.xterm.options.fontFamily === fontFamily) return;
    now.xterm.options = { fontSize, fontFamily };
    now.fit();
  }, [font, fontSize, screenReader]);

  return (
    <div className={className} data-terminal-view={id}>
      {/* As large as the screen of the terminal, which may be larger than this page: then it is scrolled. */}
      <div ref={host} data-terminal={id} className="size-full min-h-0 overflow-auto" />
      {flash > 0 && <div key={flash} aria-hidden className="bell-flash pointer-events-none absolute inset-0" />}
      {search && (
        <FindBar
          search={search}
          onClose={() => {
            setSearch(null);
            shown.current?.xterm.focus();
          }}
        />
      )}
    </div>
  );
}

/** What was chosen, and the page's own for what it lacks. */
function familyOf(element: Element | null, font: string): string {
  const own = element ? getComputedStyle(element).getPropertyValue("--font-mono").trim() : "";
  return [font, own || "monospace"].filter((family) => family !== "").join(", ");
}

function exitText(code: number, signal: number | undefined): string {
  return signal === undefined ? `exited with code ${code}` : `ended by signal ${signal}`;
}

// False: xterm leaves the key alone.
function handleKey(xterm: Terminal, event: KeyboardEvent, find: () => void): boolean {
  if (event.type !== "keydown" || event.altKey) return true;
  const mac = navigator.platform.startsWith("Mac");
  const chord = mac && event.metaKey ? !event.ctrlKey : event.ctrlKey && event.shiftKey && !event.metaKey;
  if (event.key === "Insert" && event.ctrlKey && !event.shiftKey) {
    void copyText(xterm.getSelection());
    return false;
  }
  // The browser pastes by these keys, and the view hears of it.
  if (event.key === "Insert" && event.shiftKey && !event.ctrlKey) return false;
  if (!chord) return true;
  switch (event.code) {
    case "KeyC":
      event.preventDefault();
      if (xterm.hasSelection()) void copyText(xterm.getSelection());
      return false;
    case "KeyF":
      event.preventDefault();
      event.stopPropagation();
      find();
      return false;
    default:
      return event.code !== "KeyV";
  }
}
