import { toast } from "sonner";
import { api } from "@/api/api";
import { messageOf } from "@/api/request";
import { Value } from "@/connection";
import { nameOf } from "../files/tree";
import { compareVersions } from "../compare/compare";
import type { WorkspaceSession } from "../session";
import { counted, merged, whenOf, type ChangedFile, type Changes, type Version } from "./timeline";

/** How often the timeline is looked at again while it is shown. Milliseconds. */
const refreshTime = 30_000;

export type Timeline = {
  /** Only versions that changed this file or folder; null: all. */
  path: string | null;
  /** Newest first; null: not known yet. */
  versions: readonly Version[] | null;
  next: string | null;
  loading: boolean;
  fault: string | null;
};

/** A version that is looked at, and what lies between it and the one before, or the one it is compared with. */
export type Selected = { id: string; changes: Changes | null; fault: string | null };

const nothing: Timeline = { path: null, versions: null, next: null, loading: false, fault: null };

/** The earlier versions of the workspace as the page shows them. */
export class History {
  readonly timeline = new Value<Timeline>(nothing);
  readonly selected = new Value<Selected | null>(null);
  /** Every version that is looked at is compared with this one; null: with the one before it. */
  readonly base = new Value<Version | null>(null);
  readonly restoring = new Value(false);
  private readonly session: WorkspaceSession;

  constructor(session: WorkspaceSession) {
    this.session = session;
  }

  /** Shows all versions, or those of a file or folder. */
  show(path: string | null): void {
    if (this.timeline.get().path === path) return;
    this.timeline.set({ ...nothing, path });
    this.selected.set(null);
    this.base.set(null);
    void this.refresh();
  }

  /** Keeps the timeline up to date until the answer is called. */
  follow(): () => void {
    void this.refresh();
    const timer = setInterval(() => void this.refresh(), refreshTime);
    return () => clearInterval(timer);
  }

  async refresh(): Promise<void> {
    await this.load(null);
  }

  async more(): Promise<void> {
    const { next } = this.timeline.get();
    if (next !== null) await this.load(next);
  }

  find(id: string): Version | null {
    return this.timeline.get().versions?.find((version) => version.id === id) ?? null;
  }

  /** Looks at a version; the one that is looked at, chosen again, is let go. */
  async select(id: string | null): Promise<Changes | null> {
    if (id === null || this.selected.get()?.id === id) {
      this.selected.set(null);
      return null;
    }
    this.selected.set({ id, changes: null, fault: null });
    try {
      const changes = await api.changes(this.session.slug, id, this.base.get()?.id ?? null);
      if (this.selected.get()?.id === id) this.selected.set({ id, changes, fault: null });
      return changes;
    } catch (error) {
      if (this.selected.get()?.id === id) this.selected.set({ id, changes: null, fault: messageOf(error) });
      return null;
    }
  }

  compareWith(version: Version | null): void {
    this.base.set(version);
    this.selected.set(null);
  }

  /** Shows what a version changed in a file, in the place of the editor. */
  compare(id: string, since: string | null, file: ChangedFile): void {
    const now = new Date();
    const title = (version: string | null) => {
      const found = version === null ? null : this.find(version);
      return `${nameOf(file.path)}, ${found ? whenOf(found, now) : "before"}`;
    };
    this.session.diff.set(
      compareVersions(
        this.session,
        file.path,
        { id: file.before === null ? null : since, size: file.before, title: title(since) },
        { id: file.after === null ? null : id, size: file.after, title: title(id) },
      ),
    );
  }

  /** Brings files back as they were in a version, as a new change; null: all of them. */
  async restore(id: string, paths: string[] | null): Promise<void> {
    const done = await this.bringBack(id, paths);
    const { before } = done;
    const count = done.written + done.deleted;
    if (count > 0 || done.failedCount === 0) {
      toast.success(count === 0 ? "Everything is as it was then" : `Restored ${counted(count)}`, {
        duration: 15_000,
        ...(before && count > 0
          ? {
              action: {
                label: "Undo",
                onClick: () => {
                  this.bringBack(before, paths).then(
                    (back) => toast.success(`Took it back: ${counted(back.written + back.deleted)}`),
                    (error: unknown) => toast.error(messageOf(error)),
                  );
                },
              },
            }
          : {}),
      });
    }
    const [first] = done.failed;
    if (first) {
      const others = done.failedCount > 1 ? ` (and ${done.failedCount - 1} more)` : "";
      toast.error(`Not restored: ${first.message}${others}`);
    }
  }

  private async bringBack(version: string, paths: string[] | null) {
    this.restoring.set(true);
    try {
      this.session.documents.pushAll();
      return await this.session.connection.request("history.restore", { version, ...(paths ? { paths } : {}) });
    } finally {
      this.restoring.set(false);
      void this.refresh();
    }
  }

  private async load(before: string | null): Promise<void> {
    const { path } = this.timeline.get();
    this.timeline.set({ ...this.timeline.get(), loading: true });
    try {
      const page = await api.versions(this.session.slug, before, path);
      const now = this.timeline.get();
      if (now.path !== path) return;
      const known = now.versions ?? [];
      const versions = before === null ? merged(page.versions, known) : [...known, ...page.versions];
      const next = before === null && versions.length > page.versions.length ? now.next : (page.next ?? null);
      this.timeline.set({ path, versions, next, loading: false, fault: null });
    } catch (error) {
      if (this.timeline.get().path !== path) return;
      this.timeline.set({ ...this.timeline.get(), loading: false, fault: messageOf(error) });
    }
  }
}
