/** The frame of a workspace; `creating` names the stack of one that is being made. */
export default function Workspace({ slug, creating }: { slug?: string; creating?: string }) {
  return <main>{slug ?? creating}</main>;
}
