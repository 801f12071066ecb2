import { Choice, Fault, typed } from "@/account/Field";
import { useAction } from "@/account/useAction";
import type { WorkspaceInfo } from "@/api/api";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { teams, type TeamInfo } from "./teams";

type MoveProps = { workspace: WorkspaceInfo; all: TeamInfo[]; onClose: () => void; onMoved: () => void };

/** Into a team, or out of one. */
export default function MoveDialog({ workspace: { slug, name, team }, all, onClose, onMoved }: MoveProps) {
  const { busy, fault, run } = useAction();
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        title={`Move ${name}`}
        description="Members of a team edit its workspaces. Only admins of the team take one out of it again."
      >
        <form
          className="grid gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            const to = typed(new FormData(event.currentTarget), "team");
            run(() => teams.move(slug, to === "" ? null : Number(to)).then(onMoved));
          }}
        >
          <Choice label="It belongs to" name="team">
            {team && <option value="">Me</option>}
            {all
              .filter(({ id }) => id !== team?.id)
              .map(({ id, name: called }) => (
                <option key={id} value={id}>
                  {called}
                </option>
              ))}
          </Choice>
          <Fault message={fault} />
          <Button type="submit" variant="primary" className="justify-self-end" disabled={busy}>
            Move
          </Button>
        </form>
      </DialogContent>
    </Dialog>
  );
}
