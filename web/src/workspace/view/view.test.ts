import { expect, test } from "vitest";
import { firstLayout } from "../layout";
import { fitted, noView, readView, withPlace } from "./view";

const place = { line: 3, column: 1, top: 1, folds: [[1, 8, 2, 1]] as [number, number, number, number][] };

test("a view comes back as it was kept", () => {
  const view = withPlace({ ...noView, layout: firstLayout(1440, 900), folders: ["src"], at: 7 }, "a.ts", place);
  expect(readView(JSON.parse(JSON.stringify(view)))).toEqual(view);
});

test("what is broken in it is left out, the rest holds", () => {
  expect(readView({})).toBeNull();
  expect(readView("text")).toBeNull();
  const view = readView({ at: 1, layout: { files: 1 }, tabs: { paths: [1] }, places: { a: place, b: {} }, folders: 3 });
  expect(view).toEqual({ ...noView, at: 1, places: { a: place } });
});

test("the places of files looked at long ago are forgotten", () => {
  let view = noView;
  for (let i = 0; i < 60; i++) view = withPlace(view, `f${i}`, place);
  expect(Object.keys(view.places)).toHaveLength(50);
  expect(view.places.f0).toBeUndefined();
  expect(view.places.f59).toBeDefined();
});

test("it fits what the server keeps, whatever the paths are", () => {
  let view = noView;
  for (let i = 0; i < 50; i++) view = withPlace(view, `${"x".repeat(4_000)}${i}`, place);
  expect(JSON.stringify(fitted(view)).length).toBeLessThanOrEqual(40_000);
  expect(Object.keys(fitted(view).places).length).toBeGreaterThan(0);
});
