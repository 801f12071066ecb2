import { expect, test } from "vitest";
import { frameOf } from "./device";

test("a device keeps its own size and is drawn smaller where the pane is", () => {
  expect(frameOf("phone", false, { width: 2000, height: 2000 })).toEqual({ width: 390, height: 844, scale: 1 });
  expect(frameOf("phone", true, { width: 2000, height: 2000 })).toMatchObject({ width: 844, height: 390 });
  expect(frameOf("tablet", false, { width: 434, height: 2000 })?.scale).toBeCloseTo(0.5);
  expect(frameOf("fit", false, { width: 434, height: 300 })).toBeNull();
});
