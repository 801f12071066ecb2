import { expect, test } from "vitest";
import { alone, beside, groupOf, settled } from "./groups";

test("a new terminal has a group of its own, one that is gone leaves its group", () => {
  expect(settled([["a", "b"], ["c"]], ["a", "c", "d"])).toEqual([["a"], ["c"], ["d"]]);
  expect(settled([["gone"]], [])).toEqual([]);
});
test("a split stands to the right of the terminal that it was made from", () => {
  expect(beside([["a", "b"], ["c"]], "a", "d")).toEqual([["a", "d", "b"], ["c"]]);
  expect(beside([["a"], ["d"]], "a", "d")).toEqual([["a", "d"]]);
});
test("a terminal taken out of its group stands behind it", () => {
  expect(alone([["a", "b", "c"], ["d"]], "b")).toEqual([["a", "c"], ["b"], ["d"]]);
  expect(alone([["a"]], "a")).toEqual([["a"]]);
});
test("the group of a terminal is found, none for none", () => {
  expect(groupOf([["a", "b"]], "b")).toEqual(["a", "b"]);
  expect(groupOf([["a"]], null)).toEqual([]);
});
