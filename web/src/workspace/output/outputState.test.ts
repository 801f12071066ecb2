import { expect, test } from "vitest";
import type { Port } from "@/connection";
import { outputOf } from "./outputState";
import { pathOf, withPath } from "./previews";

const port = (number: number, reachable = true): Port => ({
  port: number,
  process: "node",
  pid: 1,
  reachable,
  address: "10.0.0.1",
});
const project = { run: "npm start", port: 3000 };
const show = (run: Parameters<typeof outputOf>[0], ports: Port[] = [], chosen: number | null = null, time = 0) =>
  outputOf(run, ports, chosen, project, time);

test("an idle workspace teaches what Run does", () =>
  expect(show({ state: "idle" })).toMatchObject({ title: "Nothing runs yet", action: "run" }));
test("a port that listens is shown, the chosen one first", () => {
  expect(show({ state: "running" }, [port(3000), port(5173)])).toMatchObject({ port: { port: 3000 } });
  expect(show({ state: "running" }, [port(3000), port(5173)], 5173)).toMatchObject({ port: { port: 5173 } });
});
test("a port on a wrong address is explained", () =>
  expect(show({ state: "running" }, [port(3000, false)])).toMatchObject({
    tone: "fault",
    title: "Port 3000 cannot be reached",
  }));
test("a crash gives its code", () =>
  expect(show({ state: "exited", code: 3 })).toMatchObject({
    title: "The program stopped with code 3",
    action: "log",
  }));
test("a program that does not listen is not waited for without a word", () => {
  expect(show({ state: "running" }, [], null, 1_000)).toMatchObject({ tone: "busy" });
  expect(show({ state: "running" }, [], null, 60_000)).toMatchObject({ title: "Nothing listens yet" });
});

test("what is typed into the address bar stays on the port", () => {
  expect(pathOf("about")).toBe("/about");
  expect(pathOf("/a?b=1#c")).toBe("/a?b=1#c");
  expect(pathOf("http://localhost:3000/x?y")).toBe("/x?y");
  expect(pathOf("//elsewhere.example/x")).toBe("/elsewhere.example/x");
});
test("a preview's entrance is pointed at the path", () => {
  const entrance = "http://3000--abc.localhost:7700/.dropit/enter?ticket=t&to=%2F";
  expect(new URL(withPath(entrance, "/a?b=1")).searchParams.get("to")).toBe("/a?b=1");
  expect(withPath("http://3000--abc.localhost:7700/", "/a")).toBe("http://3000--abc.localhost:7700/a");
});
