import {
  ArrowLeft,
  CircleHelp,
  ExternalLink,
  Monitor,
  QrCode as QrIcon,
  RotateCcwSquare,
  RotateCw,
  Smartphone,
  SquareChevronRight,
  Tablet,
} from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { toast } from "sonner";
import { messageOf } from "@/api/request";
import { later } from "@/components/later";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Tooltip } from "@/components/ui/tooltip";
import { useStore } from "@/connection";
import { useRemembered } from "@/preferences/remembered";
import { useOffers } from "../offers";
import { Split } from "../Split";
import type { WorkspaceSession } from "../session";
import { ConsolePanel } from "./ConsolePanel";
import { devices, frameOf, type DeviceId } from "./device";
import { PortVisibility } from "./PortVisibility";
import { pathOf, type Wanted } from "./previews";
import { useWhyBlank, WhyBlank } from "./WhyBlank";

const QrCode = later(() => import("./QrCode"));

type PreviewProps = {
  session: WorkspaceSession;
  port: number;
  wanted: Wanted | null;
  /** It is looked at now; a hidden one keeps its page. */
  shown: boolean;
  children: ReactNode;
};

/** A page of the workspace in a frame, on an origin of its own. */
export function Preview({ session, port, wanted, shown, children }: PreviewProps) {
  const [visited, setVisited] = useState<string[]>([wanted?.path ?? "/"]);
  const [followed, setFollowed] = useState(wanted);
  const [loads, setLoads] = useState(0);
  const [typed, setTyped] = useState<string | null>(null);
  const [target, setTarget] = useState<{ address: string } | { fault: string } | null>(null);
  const [device, setDevice] = useRemembered<DeviceId>("device", "fit");
  const [turned, setTurned] = useRemembered("device-turned", false);
  const [logged, setLogged] = useRemembered("console", false);
  const [consoleHeight, setConsoleHeight] = useRemembered("console-height", 180);
  const [scanning, setScanning] = useState(false);
  const page = useStore(session.console.pages).get(port);
  const errors = (useStore(session.console.entries).get(port) ?? []).filter(({ level }) => level === "error").length;
  const path = visited.at(-1) ?? "/";
  const why = useWhyBlank(session, port, path, page);
  if (wanted !== followed) {
    setFollowed(wanted);
    if (wanted) setVisited([...visited, wanted.path]);
  }
  useEffect(() => {
    let left = false;
    session.previews.address(port, path).then(
      (address) => {
        if (left) return;
        session.console.begin(port);
        setTarget({ address });
      },
      (error: unknown) => {
        if (!left) setTarget({ fault: messageOf(error) });
      },
    );
    return () => {
      left = true;
    };
  }, [session, port, path, loads]);

  const open = () => {
    // The window must be opened within the click; the address comes after.
    const other = window.open("about:blank", "_blank");
    session.previews.address(port, page?.path ?? path).then(
      (address) => {
        if (!other) return void toast.error("The browser blocked the new tab. Allow pop-ups for this page.");
        other.opener = null;
        other.location.replace(address);
      },
      (error: unknown) => {
        other?.close();
        toast.error(messageOf(error));
      },
    );
  };
  const reload = () => {
    why.close();
    setLoads(loads + 1);
  };
  const back = () => {
    if (visited.length > 1) setVisited(visited.slice(0, -1));
  };
  useOffers(
    session.offers,
    {
      "output-back": back,
      "output-reload": reload,
      "output-open": open,
      "output-fit": () => setDevice("fit"),
      "output-phone": () => setDevice("phone"),
      "output-tablet": () => setDevice("tablet"),
      "output-turn": () => setTurned(!turned),
      "output-console": () => setLogged(!logged),
      "output-why": why.ask,
      "output-on-phone": () => setScanning(true),
    },
    shown,
  );
  return (
    <div className="flex min-h-0 flex-1 flex-col" hidden={!shown}>
      <form
        className="flex h-9 shrink-0 items-center gap-0.5 border-b bg-sidebar px-1.5"
        onSubmit={(event) => {
          event.preventDefault();
          const next = pathOf(typed ?? page?.path ?? path);
          setTyped(null);
          why.close();
          if (next === path) setLoads(loads + 1);
          else setVisited([...visited, next]);
        }}
      >
        <Tool name="Back" disabled={visited.length < 2} onClick={back}>
          <ArrowLeft />
        </Tool>
        <Tool name="Reload" onClick={reload}>
          <RotateCw />
        </Tool>
        <Input
          aria-label="Address"
          className="mx-1 h-6 min-w-16 flex-1 rounded-full bg-background px-3 font-mono text-xs"
          value={typed ?? `localhost:${port}${page?.path ?? path}`}
          onFocus={(event) => {
            setTyped(page?.path ?? path);
            const field = event.target;
            requestAnimationFrame(() => field.select());
          }}
          onBlur={() => setTyped(null)}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Tool name="Open in a new tab" onClick={open}>
          <ExternalLink />
        </Tool>
        {children}
      </form>
      <div
        role="toolbar"
        aria-label="Look of the preview"
        className="flex h-8 shrink-0 items-center gap-0.5 border-b bg-sidebar px-1.5"
      >
        {devices.map(({ id, name }) => (
          <Tool key={id} name={name} pressed={id === device} onClick={() => setDevice(id)}>
            {{ fit: <Monitor />, phone: <Smartphone />, tablet: <Tablet /> }[id]}
          </Tool>
        ))}
        {device !== "fit" && (
          <Tool name="Turn it" pressed={turned} onClick={() => setTurned(!turned)}>
            <RotateCcwSquare />
          </Tool>
        )}
        <span className="flex-1" />
        <PortVisibility session={session} port={port} />
        <Tool name="Why is it blank?" onClick={why.ask}>
          <CircleHelp />
        </Tool>
        <Tool name="Open it on a phone" onClick={() => setScanning(true)}>
          <QrIcon />
        </Tool>
        <Tooltip text="What the page logs, and its errors">
          <Button
            variant="ghost"
            size="sm"
            aria-label={errors > 0 ? `Console, ${errors} ${errors === 1 ? "error" : "errors"}` : "Console"}
            aria-pressed={logged}
            className="h-6 gap-1 px-1.5 text-xs aria-pressed:bg-accent aria-pressed:text-accent-foreground"
            onClick={() => setLogged(!logged)}
          >
            <SquareChevronRight className="size-3.5" />
            {errors > 0 && <span className="text-destructive tabular-nums">{errors}</span>}
          </Button>
        </Tooltip>
      </div>
      <Split
        direction="column"
        sized="second"
        size={consoleHeight}
        min={80}
        rest={100}
        label="Height of the console"
        onSize={setConsoleHeight}
        first={
          <div className="relative flex h-full flex-col">
            {target && "fault" in target ? (
              <div
                role="alert"
                className="flex h-full flex-col items-center justify-center gap-3 bg-background p-6 text-center"
              >
                <p>{target.fault}</p>
                <Button onClick={() => setLoads(loads + 1)}>Try again</Button>
              </div>
            ) : (
              target && (
                <DeviceFrame
                  // A new frame for each load: the ticket in the address is good once, and a frame cannot be told to reload.
                  key={`${loads} ${target.address}`}
                  title={`Preview of port ${port}`}
                  address={target.address}
                  device={device}
                  turned={turned}
                  onLoad={why.loaded}
                />
              )
            )}
            <WhyBlank state={why} onOpen={open} />
          </div>
        }
        second={logged ? <ConsolePanel session={session} port={port} onHide={() => setLogged(false)} /> : null}
      />
      {scanning && (
        <QrCode session={session} port={port} path={page?.path ?? path} onClose={() => setScanning(false)} />
      )}
    </div>
  );
}

type ToolProps = { name: string; pressed?: boolean; disabled?: boolean; onClick: () => void; children: ReactNode };

function Tool({ name, pressed, disabled = false, onClick, children }: ToolProps) {
  return (
    <Tooltip text={name}>
      <Button
        variant="ghost"
        size="icon-sm"
        aria-label={name}
        disabled={disabled}
        {...(pressed !== undefined && { "aria-pressed": pressed })}
        className="aria-pressed:bg-accent aria-pressed:text-accent-foreground"
        onClick={onClick}
      >
        {children}
      </Button>
    </Tooltip>
  );
}

type DeviceFrameProps = { title: string; address: string; device: DeviceId; turned: boolean; onLoad: () => void };

function DeviceFrame({ title, address, device, turned, onLoad }: DeviceFrameProps) {
  const [pane, setPane] = useState({ width: 0, height: 0 });
  const [host, setHost] = useState<HTMLDivElement | null>(null);
  useEffect(() => {
    if (host === null) return;
    const observer = new ResizeObserver(() => setPane({ width: host.clientWidth, height: host.clientHeight }));
    observer.observe(host);
    return () => observer.disconnect();
  }, [host]);
  const frame = frameOf(device, turned, pane);
  // One frame for every size: another element would load the page again.
  return (
    <div
      ref={setHost}
      className={frame ? "grid min-h-0 flex-1 place-items-center overflow-hidden bg-muted" : "min-h-0 flex-1 bg-white"}
    >
      <div
        className={frame ? "overflow-hidden rounded-xl border border-input bg-white shadow-floating" : "size-full"}
        style={frame ? { width: frame.width * frame.scale, height: frame.height * frame.scale } : {}}
      >
        <iframe
          title={title}
          src={address}
          className="size-full border-0"
          style={
            frame
              ? {
                  width: frame.width,
                  height: frame.height,
                  maxWidth: "none",
                  transform: `scale(${frame.scale})`,
                  transformOrigin: "0 0",
                }
              : {}
          }
          allow="clipboard-read; clipboard-write; fullscreen; camera; microphone; geolocation"
          sandbox="allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-modals allow-downloads"
          onLoad={onLoad}
        />
      </div>
    </div>
  );
}
