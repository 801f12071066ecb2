import type { Events, Hello } from "./messages";

/** What the runner said at first, with what an event changed in it since. The same object when nothing did. */
export function withEvent<E extends keyof Events>(hello: Hello, event: E, body: Events[E]): Hello;
export function withEvent(hello: Hello, event: keyof Events, body: Events[keyof Events]): Hello {
  switch (event) {
    case "project":
      return { ...hello, project: (body as Events["project"]).project };
    case "terminals":
      return { ...hello, terminals: (body as Events["terminals"]).terminals };
    case "run":
      return { ...hello, run: (body as Events["run"]).run };
    case "ports":
      return { ...hello, ports: (body as Events["ports"]).ports };
    case "journal":
      return { ...hello, journal: (body as Events["journal"]).journal };
    case "cache":
      return { ...hello, cache: (body as Events["cache"]).cache };
    case "people":
      return { ...hello, people: (body as Events["people"]).people };
    case "variables":
      return { ...hello, variables: (body as Events["variables"]).version };
    case "sleep":
      return { ...hello, sleep: (body as Events["sleep"]).sleep };
    case "notice": {
      const { notice } = body as Events["notice"];
      const others = hello.notices.filter((other) => other.id !== notice.id);
      // An empty message takes the notice back.
      return { ...hello, notices: notice.message === "" ? others : [...others, notice] };
    }
    default:
      return hello;
  }
}

/** A hello with all its members: a runner of another version may leave out what it does not know. */
export function completed(said: Partial<Hello> & Pick<Hello, "protocol" | "workspace" | "role" | "epoch">): Hello {
  return {
    project: {},
    terminals: [],
    ports: [],
    run: { state: "idle" },
    journal: { state: "pending", pending: 0 },
    notices: [],
    sleep: null,
    cache: { state: "none" },
    user: 0,
    people: { here: [], more: 0 },
    variables: 0,
    ...said,
  };
}
