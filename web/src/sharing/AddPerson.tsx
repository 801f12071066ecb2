import { useState } from "react";
import { Field, typed } from "@/account/Field";
import { Button } from "@/components/ui/button";

type ChoiceProps<Role> = { label: string; roles: readonly Role[]; value: Role; onChange: (role: Role) => void };

/** What someone is in a workspace or a team. */
export function RoleChoice<Role extends string>({ label, roles, value, onChange }: ChoiceProps<Role>) {
  return (
    <select
      aria-label={label}
      className="h-8 w-24 rounded-md border border-input bg-card px-1.5 text-ui capitalize max-md:text-base"
      value={value}
      onChange={(event) => {
        const role = roles.find((one) => one === event.target.value);
        if (role) onChange(role);
      }}
    >
      {roles.map((role) => (
        <option key={role} value={role} className="capitalize">
          {role}
        </option>
      ))}
    </select>
  );
}

type AddProps<Role> = {
  roles: readonly Role[];
  /** Which of them is offered at first. */
  first: Role;
  busy: boolean;
  /** `added` is called once they are there: until then what was typed stays, to be put right. */
  onAdd: (userName: string, role: Role, added: () => void) => void;
};

/** Asks for someone by their user name, and for what they become. */
export function AddPerson<Role extends string>({ roles, first, busy, onAdd }: AddProps<Role>) {
  const [role, setRole] = useState(first);
  return (
    <form
      className="flex max-w-md items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        onAdd(typed(new FormData(form), "username"), role, () => {
          form.reset();
          setRole(first);
        });
      }}
    >
      <div className="min-w-0 flex-1">
        <Field label="User name" name="username" autoCapitalize="none" maxLength={39} required />
      </div>
      <RoleChoice label="Role" roles={roles} value={role} onChange={setRole} />
      <Button type="submit" disabled={busy}>
        Add
      </Button>
    </form>
  );
}
