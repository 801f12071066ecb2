import { useEffect, useState } from "react";
import { messageOf } from "@/api/request";
import { FullPage } from "@/app/FullPage";
import { Link } from "@/app/Link";
import { navigate } from "@/app/router";
import { buttonVariants } from "@/components/ui/button";
import { sharing } from "./sharing";

/** Opens the workspace that a link was made for. */
export default function Join({ token }: { token: string }) {
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    sharing.join(token).then(
      ({ slug }) => navigate(`/w/${slug}`, { replace: true }),
      (error: unknown) => setFault(messageOf(error)),
    );
  }, [token]);
  if (fault === null) return null;
  return (
    <FullPage title="This link does not open">
      <p className="text-muted-foreground">{fault}</p>
      <Link href="/" className={buttonVariants({ className: "justify-self-start" })}>
        To my workspaces
      </Link>
    </FullPage>
  );
}
