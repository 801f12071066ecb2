import { toast } from "sonner";
import { Fault, Field, typed } from "@/account/Field";
import { useAction } from "@/account/useAction";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { teams } from "./teams";

type TemplateProps = {
  workspace: { slug: string; name: string };
  team: { id: number; name: string };
  onClose: () => void;
};

/** Makes a template of a team's workspace. */
export default function TemplateDialog({ workspace: { slug, name }, team, onClose }: TemplateProps) {
  const { busy, fault, run } = useAction();
  const make = (form: FormData) =>
    run(async () => {
      const asked = { workspace: slug, name: typed(form, "name"), description: typed(form, "description") };
      const { leftOut } = await teams.makeTemplate(team.id, asked);
      const without = leftOut?.length
        ? ` Left out: ${leftOut.slice(0, 3).join(", ")}${leftOut.length > 3 ? "…" : ""}`
        : "";
      toast.success(`${asked.name} is a template of ${team.name}.${without}`);
      onClose();
    });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        title={`Use ${name} as a template`}
        description={`New workspaces of ${team.name} can start with its files as they are now, without packages, git history, variables and files such as .env.`}
      >
        <form
          className="grid gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            make(new FormData(event.currentTarget));
          }}
        >
          <Field label="Name" name="name" defaultValue={name.slice(0, 60)} maxLength={60} required />
          <Field label="What it is good for" name="description" maxLength={200} />
          <Fault message={fault} />
          <Button type="submit" variant="primary" className="justify-self-end" disabled={busy}>
            Make the template
          </Button>
        </form>
      </DialogContent>
    </Dialog>
  );
}
