import { FileText } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import type { WorkspaceSession } from "../session";

/** In the place of the tree while the workspace was not reached: the files that this browser keeps of it. */
export function KeptFiles({ session, onOpened }: { session: WorkspaceSession; onOpened: () => void }) {
  const [paths, setPaths] = useState<readonly string[] | null>(null);
  useEffect(() => {
    let left = false;
    void session.documents.kept().then((found) => {
      if (!left) setPaths(found);
    });
    return () => {
      left = true;
    };
  }, [session]);
  if (paths === null) return null;
  return (
    <div className="grid gap-2 overflow-auto p-3">
      <p className="text-xs text-muted-foreground">
        {paths.length === 0
          ? "This browser keeps no file of this workspace. The tree comes with the connection."
          : "These files are kept in this browser, as they were last. The others come with the connection."}
      </p>
      <ul aria-label="Kept files">
        {paths.map((path) => (
          <li key={path}>
            <Button
              variant="ghost"
              className="h-auto min-h-8 w-full justify-start py-1 text-left break-all whitespace-normal max-md:min-h-11"
              onClick={() => {
                session.tabs.open(path);
                onOpened();
              }}
            >
              <FileText className="text-muted-foreground" />
              {path}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
