import type { Port, Project, Run } from "@/connection";

/** What the output pane shows when there is no page to show. */
export type OutputState =
  | { kind: "page"; port: Port }
  | { kind: "words"; tone: "quiet" | "busy" | "fault"; title: string; text: string; action: "run" | "log" | null };

/** A program usually listens within this; past it the pane says what may be wrong. Milliseconds. */
const listensWithin = 15_000;

/** While the workspace was not reached. */
export const notThere: OutputState = {
  kind: "words",
  tone: "quiet",
  title: "Not connected",
  text: "Programs run in the workspace. What they show comes with the connection.",
  action: null,
};

/** What to show, from what runs and what listens. `runningFor`: milliseconds. */
export function outputOf(
  run: Run,
  ports: readonly Port[],
  chosen: number | null,
  project: Project,
  runningFor: number,
): OutputState {
  const port = ports.find((one) => one.port === chosen) ?? ports[0];
  if (port && !port.reachable) {
    return {
      kind: "words",
      tone: "fault",
      title: `Port ${port.port} cannot be reached`,
      text: `The program listens on ${port.address} only. Make it listen on 0.0.0.0 or localhost, then run it again.`,
      action: "log",
    };
  }
  if (port) return { kind: "page", port };
  switch (run.state) {
    case "idle":
      return project.run
        ? {
            kind: "words",
            tone: "quiet",
            title: "Nothing runs yet",
            text: `Press Run to start “${project.run}”. What it serves is shown here.`,
            action: "run",
          }
        : {
            kind: "words",
            tone: "quiet",
            title: "Nothing to run yet",
            text: 'dropit.json names no run command. Start a server in the terminal, or add a line such as "run": "npm start".',
            action: null,
          };
    case "installing":
      return {
        kind: "words",
        tone: "busy",
        title: "Installing dependencies",
        text: run.message ?? run.command ?? project.install ?? "",
        action: "log",
      };
    case "running":
      return runningWords(run, project, runningFor);
    case "exited":
      return exitedWords(run);
    case "missing":
      return {
        kind: "words",
        tone: "fault",
        title: "A tool is missing",
        text: run.message ?? "A tool that this stack needs is not installed.",
        action: null,
      };
  }
}

function runningWords(run: Run, project: Project, runningFor: number): OutputState {
  if (project.port === undefined) {
    return {
      kind: "words",
      tone: "quiet",
      title: "The program runs",
      text: "It serves no page; what it prints is in the terminal.",
      action: "log",
    };
  }
  return runningFor < listensWithin
    ? {
        kind: "words",
        tone: "busy",
        title: "Starting",
        text: `Waiting for the program to listen${run.command ? `: ${run.command}` : ""}`,
        action: null,
      }
    : {
        kind: "words",
        tone: "quiet",
        title: "Nothing listens yet",
        text: "The program runs but serves no page. It should listen on the port that the variable PORT names. Its log may say more.",
        action: "log",
      };
}

function exitedWords(run: Run): OutputState {
  const what = { run: "The program", install: "The installation", test: "The tests" }[run.task ?? "run"];
  if (run.code === 0 || run.code === undefined) {
    return {
      kind: "words",
      tone: "quiet",
      title: `${what} ended`,
      text: run.message ?? "Run it again whenever you like.",
      action: "run",
    };
  }
  return {
    kind: "words",
    tone: "fault",
    title: `${what} stopped with code ${run.code}`,
    text: run.message ?? "The last lines of its log say why.",
    action: "log",
  };
}

/** "Running", "Exited with 1"; for the status bar and the run button. */
export function runWords(run: Run): string {
  switch (run.state) {
    case "idle":
      return "Not running";
    case "installing":
      return "Installing";
    case "running":
      return run.task === "test" ? "Testing" : "Running";
    case "exited":
      return `Exited, code ${run.code ?? 0}`;
    case "missing":
      return "Tool missing";
  }
}
