import { expect, test } from "vitest";
import { dropPosition } from "./drop";

const line = ["A", "B", "C", "D"];

test.each([
  ["D", "A", "top", 1],
  ["D", "A", "bottom", 2],
  ["A", "C", "top", 2],
  ["A", "C", "bottom", 3],
  ["A", "D", "bottom", 4],
] as const)("%s dropped on %s's %s goes to place %i", (dragged, over, edge, place) => {
  expect(dropPosition(line, dragged, over, edge)).toBe(place);
});

test("below everybody is the last place", () => {
  expect(dropPosition(line, "B", undefined, "bottom")).toBe(4);
});

test("a drop that changes nothing is no move", () => {
  expect(dropPosition(line, "B", "A", "bottom")).toBeUndefined();
  expect(dropPosition(line, "B", "C", "top")).toBeUndefined();
  expect(dropPosition(line, "D", undefined, "bottom")).toBeUndefined();
  expect(dropPosition(line, "B", "B", "top")).toBeUndefined();
});

test("somebody who left the line meanwhile cannot be moved, nor moved to", () => {
  expect(dropPosition(line, "Z", "A", "top")).toBeUndefined();
  expect(dropPosition(line, "A", "Z", "top")).toBeUndefined();
});
