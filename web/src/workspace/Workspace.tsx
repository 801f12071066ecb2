import { useEffect } from "react";
import { toast } from "sonner";
import { api, type Origin } from "@/api/api";
import { messageOf } from "@/api/request";
import { navigate } from "@/app/router";
import { Skeleton } from "@/components/ui/skeleton";
import { BarsSkeleton, CodeSkeleton } from "./tabs/EditorPane";
import { Bar } from "./TopBar";
import { WorkspaceFrame } from "./WorkspaceFrame";
import { useSession } from "./useSession";

type WorkspaceProps = { slug: string; creating?: never } | { slug?: never; creating: string };

/** The page of a workspace; `creating` names the stack of one that is being made. */
export default function Workspace({ slug, creating }: WorkspaceProps) {
  return slug === undefined ? <Creating stack={creating} /> : <Open slug={slug} />;
}

function Open({ slug }: { slug: string }) {
  const session = useSession(slug);
  return session ? <WorkspaceFrame session={session} /> : <FrameSkeleton />;
}

// A creation under way, so that an effect that runs twice makes one workspace.
let underWay: { stack: string; slug: Promise<string> } | null = null;

function Creating({ stack }: { stack: string }) {
  useEffect(() => {
    let left = false;
    underWay ??= { stack, slug: api.create(originOf(stack)).then(({ slug }) => slug) };
    const { slug } = underWay;
    slug
      .then(
        (made) => {
          if (!left) navigate(`/w/${made}`, { replace: true });
        },
        (error: unknown) => {
          if (left) return;
          toast.error(messageOf(error));
          navigate("/", { replace: true });
        },
      )
      .finally(() => {
        underWay = null;
      });
    return () => {
      left = true;
    };
  }, [stack]);
  return <FrameSkeleton />;
}

/** Which team it is for, and which of its templates it starts with, the address says. */
function originOf(stack: string): Origin {
  const asked = new URLSearchParams(location.search);
  const [team, template] = [asked.get("team"), asked.get("template")];
  return { stack, ...(team && { team: Number(team) }), ...(template && { template }) };
}

/** The frame before there is anything to put into it. */
function FrameSkeleton() {
  return (
    <div className="flex h-full flex-col" role="group" aria-busy aria-label="Opening the workspace">
      <Bar title={<Skeleton className="h-3.5 w-32" />} />
      <div className="flex min-h-0 flex-1">
        <div className="hidden w-[232px] border-r bg-sidebar md:block" />
        <div className="flex-1 bg-editor">
          <BarsSkeleton />
          <CodeSkeleton />
        </div>
      </div>
      <div className="h-6 border-t bg-sidebar" />
    </div>
  );
}
