import { expect, test } from "vitest";
import { cardBelow, dropPosition } from "./drop";

const line = ["A", "B", "C", "D"];

test.each([
  ["D", "A", 1],
  ["D", "B", 2],
  ["A", "C", 2],
  ["A", "D", 3],
  ["A", undefined, 4],
] as const)("%s dropped before %s goes to place %i", (dragged, before, place) => {
  expect(dropPosition(line, dragged, before)).toBe(place);
});

test("a drop that changes nothing is no move", () => {
  expect(dropPosition(line, "B", "B")).toBeUndefined();
  expect(dropPosition(line, "B", "C")).toBeUndefined();
  expect(dropPosition(line, "D", undefined)).toBeUndefined();
});

test("somebody who left the line meanwhile cannot be moved, nor moved to", () => {
  expect(dropPosition(line, "Z", "A")).toBeUndefined();
  expect(dropPosition(line, "A", "Z")).toBeUndefined();
});

test("the upper half of a card is before it, the lower half and the gap are after it", () => {
  const cards = [
    { id: "A", middle: 50 },
    { id: "B", middle: 150 },
  ];
  expect(cardBelow(cards, 20)).toBe("A");
  expect(cardBelow(cards, 60)).toBe("B");
  expect(cardBelow(cards, 105)).toBe("B");
  expect(cardBelow(cards, 160)).toBeUndefined();
});
