import { ChevronRight, FileArchive, GitBranch, Upload } from "lucide-react";
import { Tabs } from "radix-ui";
import { useEffect, useRef, useState, type SubmitEvent } from "react";
import { toast } from "sonner";
import { navigate } from "@/app/router";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent, DialogFooter } from "@/components/ui/dialog";
import { Input } from "@/components/ui/input";
import { Progress } from "@/components/ui/progress";
import { useStore } from "@/connection/store";
import { ImportRun, shownAddress, type GitSource } from "./imports";

type ImportDialogProps = {
  /** The repository that the page's address asked for: it is confirmed in words before anything is fetched. */
  asked: string | null;
  /** The team that the workspace will belong to; null: it is one's own. */
  team: number | null;
  onClose: () => void;
};

/** Brings code in: from a repository, from a zip. */
export default function ImportDialog({ asked, team, onClose }: ImportDialogProps) {
  const [run, setRun] = useState<ImportRun | null>(null);
  const [source, setSource] = useState<GitSource>({ url: asked ?? "", token: "", history: false });
  const [fault, setFault] = useState<string | null>(null);
  const [confirmed, setConfirmed] = useState(asked === null);
  useEffect(() => () => run?.stop(), [run]);

  const begin = (next: ImportRun) => {
    setFault(null);
    setRun(next);
  };
  const failed = (message: string, stopped: boolean) => {
    setRun(null);
    setConfirmed(true);
    setFault(stopped ? null : message);
  };
  const asking = !confirmed && run === null;
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <DialogContent
        title={asking ? "Import this repository?" : "Import"}
        {...(asking && { role: "alertdialog" })}
        className="top-[12vh] w-[min(32rem,calc(100vw-1.5rem))]"
        onInteractOutside={(event) => {
          if (run !== null) event.preventDefault();
        }}
      >
        {run !== null ? (
          <Running run={run} onFailed={failed} />
        ) : asking ? (
          <Confirm
            url={source.url}
            onConfirm={() => begin(ImportRun.git(source, team))}
            onOther={() => setConfirmed(true)}
          />
        ) : (
          <Sources source={source} team={team} fault={fault} onSource={setSource} onBegin={begin} />
        )}
      </DialogContent>
    </Dialog>
  );
}

function Confirm({ url, onConfirm, onOther }: { url: string; onConfirm: () => void; onOther: () => void }) {
  return (
    <>
      <p className="text-muted-foreground">
        The link you followed asks for a new workspace with the code of
        <strong className="mt-2 block rounded-md border bg-muted px-3 py-2 font-mono text-xs break-all text-foreground">
          {shownAddress(url)}
        </strong>
      </p>
      <p className="text-muted-foreground">
        It is fetched by this server. Nothing in it runs until you press Run: look at it first if you do not know who
        wrote it.
      </p>
      <DialogFooter>
        <Button onClick={onOther}>Change</Button>
        <Button variant="primary" autoFocus onClick={onConfirm}>
          Import and open
        </Button>
      </DialogFooter>
    </>
  );
}

type SourcesProps = {
  source: GitSource;
  team: number | null;
  fault: string | null;
  onSource: (source: GitSource) => void;
  onBegin: (run: ImportRun) => void;
};

const tab =
  "flex h-8 flex-1 items-center justify-center gap-1.5 rounded-md text-ui text-muted-foreground " +
  "data-[state=active]:bg-card data-[state=active]:text-foreground data-[state=active]:shadow-raised";

function Sources({ source, team, fault, onSource, onBegin }: SourcesProps) {
  const [secret, setSecret] = useState(source.token !== "");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (source.url.trim() !== "") onBegin(ImportRun.git(source, team));
  };
  return (
    <Tabs.Root defaultValue="git" className="grid gap-4">
      <Tabs.List aria-label="Where the code is" className="flex gap-1 rounded-lg bg-muted p-1">
        <Tabs.Trigger value="git" className={tab}>
          <GitBranch aria-hidden className="size-4" />
          Git repository
        </Tabs.Trigger>
        <Tabs.Trigger value="zip" className={tab}>
          <FileArchive aria-hidden className="size-4" />
          Zip
        </Tabs.Trigger>
      </Tabs.List>
      {fault !== null && (
        <p role="alert" className="rounded-md border border-destructive/40 bg-destructive-ground px-3 py-2">
          {fault}
        </p>
      )}
      <Tabs.Content value="git" className="outline-none">
        <form className="grid gap-3" onSubmit={submit}>
          <label className="grid gap-1.5">
            <span className="text-xs font-medium">Address</span>
            <Input
              autoFocus
              inputMode="url"
              placeholder="https://github.com/owner/name"
              value={source.url}
              onChange={(event) => onSource({ ...source, url: event.target.value })}
            />
          </label>
          <label className="flex items-start gap-2">
            <input
              type="checkbox"
              className="mt-0.5 accent-primary"
              checked={source.history}
              onChange={(event) => onSource({ ...source, history: event.target.checked })}
            />
            <span>
              With its whole history
              <span className="block text-xs text-muted-foreground">
                Without, only the newest commit comes: faster.
              </span>
            </span>
          </label>
          <button
            type="button"
            aria-expanded={secret}
            className="flex items-center gap-1 justify-self-start rounded text-xs text-muted-foreground hover:text-foreground"
            onClick={() => setSecret(!secret)}
          >
            <ChevronRight aria-hidden className={cn("size-3.5 transition-transform", secret && "rotate-90")} />
            It is private
          </button>
          {secret && (
            <label className="grid gap-1.5">
              <span className="text-xs font-medium">Token</span>
              <Input
                type="password"
                autoComplete="off"
                placeholder="A token that may read the repository"
                value={source.token}
                onChange={(event) => onSource({ ...source, token: event.target.value })}
              />
              <span className="text-xs text-muted-foreground">
                Used for this one import, sent to the repository’s host only, kept nowhere.
              </span>
            </label>
          )}
          <DialogFooter>
            <Button variant="primary" type="submit" disabled={source.url.trim() === ""}>
              Import
            </Button>
          </DialogFooter>
        </form>
      </Tabs.Content>
      <Tabs.Content value="zip" className="outline-none">
        <ZipDrop onFile={(file) => onBegin(ImportRun.zip(file, team))} />
      </Tabs.Content>
    </Tabs.Root>
  );
}

function ZipDrop({ onFile }: { onFile: (file: File) => void }) {
  const picker = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  return (
    <>
      <button
        type="button"
        className={cn(
          "grid w-full justify-items-center gap-2 rounded-lg border border-dashed px-4 py-9 hover:border-ring",
          over && "border-ring bg-accent",
        )}
        onClick={() => picker.current?.click()}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          const [file] = event.dataTransfer.files;
          if (file) onFile(file);
        }}
      >
        <Upload aria-hidden className="size-5 text-muted-foreground" />
        <span className="text-ui font-medium">Choose a zip, or drop it here</span>
        <span className="text-xs text-muted-foreground">
          Up to 512 MiB. A single folder around everything is left out.
        </span>
      </button>
      <input
        ref={picker}
        type="file"
        accept=".zip,application/zip"
        hidden
        aria-label="Zip to import"
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          if (file) onFile(file);
        }}
      />
    </>
  );
}

function Running({ run, onFailed }: { run: ImportRun; onFailed: (message: string, stopped: boolean) => void }) {
  const state = useStore(run.state);
  useEffect(() => {
    if (state.kind === "failed") onFailed(state.message, state.stopped);
    if (state.kind === "done") {
      state.notes.forEach((note) => toast.info(note));
      navigate(`/w/${state.slug}`);
    }
  }, [state, onFailed]);
  const message = state.kind === "running" ? state.message : "Opening it";
  return (
    <div className="grid gap-3 py-2">
      <p role="status">{message}</p>
      <Progress value={state.kind === "running" ? state.share : 1} label={message} />
      <DialogFooter>
        <Button disabled={state.kind !== "running"} onClick={() => run.stop()}>
          Stop
        </Button>
      </DialogFooter>
    </div>
  );
}
