import { FitAddon } from "@xterm/addon-fit";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { useEffect, useRef } from "react";
import type { Connection } from "@/connection";
import type { Documents } from "@/documents";
import { TerminalClient } from "./client";
import { coloursOfPage, watchColours } from "./colours";
import { drawWithGraphicsCard } from "./renderer";

export interface TerminalViewProps {
  connection: Connection;
  documents: Documents;
  /** The terminal's id, as in the connection's `hello`. */
  terminal: string;
  /** Pixels; 13 when left out. */
  fontSize?: number;
  /** Takes the focus when it is shown. */
  autoFocus?: boolean;
  /** A link was clicked; a new tab of the browser opens it when left out. */
  onLink?: (url: string) => void;
  className?: string;
}

/** Lines above the screen: about what the runner keeps (512 KiB) in lines of usual length. */
const scrollback = 10_000;

export default function TerminalView(props: TerminalViewProps) {
  const { connection, documents, terminal: id, fontSize = 13, autoFocus, onLink, className } = props;
  const host = useRef<HTMLDivElement>(null);
  const shown = useRef<{ xterm: Terminal; fit: () => void }>(null);
  const latest = useRef({ fontSize, onLink });

  useEffect(() => {
    latest.current = { fontSize, onLink };
  });

  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const xterm = new Terminal({
      scrollback,
      fontSize: latest.current.fontSize,
      fontFamily: getComputedStyle(element).getPropertyValue("--font-mono").trim() || "monospace",
      theme: coloursOfPage(),
      cursorInactiveStyle: "outline",
      minimumContrastRatio: 4.5,
      rightClickSelectsWord: false,
    });
    const fitting = new FitAddon();
    xterm.loadAddon(fitting);
    xterm.loadAddon(new WebLinksAddon((_, url) => openLink(url, latest.current.onLink)));
    xterm.open(element);
    // The programs in bench/ time what reaches the emulator.
    Object.assign(element, { xterm });
    // A hidden terminal keeps the size that it had.
    const fit = () => {
      if (element.offsetWidth > 0 && element.offsetHeight > 0) fitting.fit();
    };
    fit();
    xterm.attachCustomKeyEventHandler((event) => handleKey(xterm, event));

    const client = new TerminalClient(connection, id, xterm, () => documents.pushAll());
    const disposables = [
      xterm.onData((data) => client.input(data)),
      xterm.onBinary((data) => client.input(Uint8Array.from(data, (unit) => unit.charCodeAt(0)))),
      xterm.onResize(() => client.resize()),
    ];
    const unwatchState = client.state.subscribe(() => {
      const state = client.state.get();
      if (state.kind === "exited") xterm.write(`\r\n\x1b[2m[${exitText(state.code, state.signal)}]\x1b[0m\r\n`);
      else if (state.kind === "refused") xterm.write(`\r\n${state.message}\r\n`);
    });
    const unwatchColours = watchColours(() => (xterm.options.theme = coloursOfPage()));
    const observer = new ResizeObserver(fit);
    observer.observe(element);
    let there = true;
    void drawWithGraphicsCard(xterm, () => there);
    shown.current = { xterm, fit };
    return () => {
      there = false;
      shown.current = null;
      observer.disconnect();
      unwatchColours();
      unwatchState();
      client.close();
      for (const disposable of disposables) disposable.dispose();
      xterm.dispose();
    };
  }, [connection, documents, id]);

  useEffect(() => {
    if (autoFocus === true) shown.current?.xterm.focus();
  }, [connection, documents, id, autoFocus]);

  useEffect(() => {
    if (shown.current === null || shown.current.xterm.options.fontSize === fontSize) return;
    shown.current.xterm.options.fontSize = fontSize;
    shown.current.fit();
  }, [fontSize]);

  return (
    <div
      ref={host}
      data-terminal={id}
      className={className}
      style={{ height: "100%", minHeight: 0, overflow: "hidden" }}
    />
  );
}

function exitText(code: number, signal: number | undefined): string {
  return signal === undefined ? `exited with code ${code}` : `ended by signal ${signal}`;
}

function openLink(url: string, onLink: ((url: string) => void) | undefined) {
  if (onLink !== undefined) onLink(url);
  else window.open(url, "_blank", "noopener,noreferrer");
}

// False: xterm leaves the key alone.
function handleKey(xterm: Terminal, event: KeyboardEvent): boolean {
  if (event.type !== "keydown" || !event.ctrlKey || !event.shiftKey || event.altKey || event.metaKey) return true;
  if (event.code === "KeyC") {
    event.preventDefault();
    if (xterm.hasSelection()) void copy(xterm.getSelection());
    return false;
  }
  // The browser pastes plain text by these keys, and xterm hears of it.
  return event.code !== "KeyV";
}

async function copy(text: string): Promise<void> {
  // Typed as always there; missing on pages that are neither https nor localhost, where the old command still works.
  const clipboard = (navigator as { clipboard?: Clipboard }).clipboard;
  try {
    if (clipboard === undefined) throw new Error("no clipboard");
    await clipboard.writeText(text);
  } catch {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- nothing else works there
    document.execCommand("copy");
  }
}
