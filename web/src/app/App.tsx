import { ErrorBoundary } from "@/components/ErrorBoundary";
import { later } from "@/components/later";
import { Toaster } from "@/components/ui/toaster";
import { TooltipProvider } from "@/components/ui/tooltip";
import { useFollowedPreferences } from "@/preferences/sync";
import { useAppliedTheme } from "@/preferences/theme";
import { NotFound } from "./FullPage";
import { routeOf, usePath } from "./router";
import { useSignIn } from "./useSignIn";

const Home = later(() => import("@/home/Home"));
const Offline = later(() => import("@/home/Offline"));
const Workspace = later(() => import("@/workspace/Workspace"));
const SignIn = later(() => import("@/account/SignIn"));
const SignUp = later(() => import("@/account/SignUp"));
const Account = later(() => import("@/account/Account"));
const Join = later(() => import("@/sharing/Join"));
const Admin = later(() => import("@/admin/Admin"));
const Audit = later(() => import("@/audit/Audit"));
const Teams = later(() => import("@/teams/Teams"));
const Team = later(() => import("@/teams/Team"));
const People = later(() => import("@/account/People"));
// The page that the address asks for is fetched before anything is drawn.
const pages = {
  home: Home,
  creating: Workspace,
  workspace: Workspace,
  signup: SignUp,
  account: Account,
  people: People,
  teams: Teams,
  team: Team,
  audit: Audit,
  admin: Admin,
  join: Join,
};
const asked = routeOf(location.pathname).page;
if (asked !== "unknown") pages[asked].fetch();

export function App() {
  useAppliedTheme();
  return (
    <TooltipProvider delayDuration={500}>
      <ErrorBoundary what="drop.it">
        <Page />
      </ErrorBoundary>
      <Toaster />
    </TooltipProvider>
  );
}

function Page() {
  const route = routeOf(usePath());
  const { signIn, retry } = useSignIn();
  useFollowedPreferences(signIn.state === "in");
  if (route.page === "signup") return <SignUp onDone={retry} />;
  if (signIn.state === "out") return <SignIn onDone={retry} />;
  if (signIn.state === "failed" && route.page === "home") return <Offline message={signIn.message} onRetry={retry} />;
  switch (route.page) {
    case "home":
      return <Home session={signIn.state === "in" ? signIn.session : null} />;
    case "creating":
      return <Workspace key="creating" creating={route.stack} />;
    case "workspace":
      return <Workspace key={route.slug} slug={route.slug} />;
    case "account":
      return <Account session={signIn.state === "in" ? signIn.session : null} />;
    case "people":
      return <People session={signIn.state === "in" ? signIn.session : null} />;
    case "teams":
      return <Teams session={signIn.state === "in" ? signIn.session : null} />;
    case "team":
      return <Team session={signIn.state === "in" ? signIn.session : null} id={route.id} />;
    case "admin":
      return <Admin session={signIn.state === "in" ? signIn.session : null} />;
    case "audit":
      return <Audit session={signIn.state === "in" ? signIn.session : null} />;
    case "join":
      return signIn.state === "in" ? <Join token={route.token} /> : null;
    case "unknown":
      return <NotFound />;
  }
}
