import { expect, test } from "vitest";
import { routeOf } from "./router";

test("the root is home", () => expect(routeOf("/")).toEqual({ page: "home" }));
test("a slug opens its workspace", () =>
  expect(routeOf("/w/abc123defg")).toEqual({ page: "workspace", slug: "abc123defg" }));
test("a stack is being created", () =>
  expect(routeOf("/new/react-ts")).toEqual({ page: "creating", stack: "react-ts" }));
test.each(["signup", "account", "people"])("/%s is a page of its own", (page) =>
  expect(routeOf(`/${page}`)).toEqual({ page }),
);
test("a link leads into a workspace", () => expect(routeOf("/join/aB_-1")).toEqual({ page: "join", token: "aB_-1" }));
test.each(["/w/", "/w/../x", "/w/Ab", "/w/1abc", "/other"])("%s is unknown", (path) =>
  expect(routeOf(path)).toEqual({ page: "unknown" }),
);
