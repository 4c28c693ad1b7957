import { expect, test } from "vitest";
import { progressOf } from "./progress";

const START = "2026-11-23T09:00:00Z";
const after = (minutes: number) => Date.parse(START) + minutes * 60_000;

test("a consultation fills its ring in the usual time", () => {
  expect(progressOf(START, 12, after(3))).toMatchObject({ part: 0.25, isOver: false });
  expect(progressOf(START, 12, after(3)).words).toBe("usually 12 min");
});

test("one that takes longer says by how much, and the ring stays full", () => {
  expect(progressOf(START, 12, after(12.5)).words).toBe("as long as usual");
  expect(progressOf(START, 12, after(20.9))).toMatchObject({
    part: 1,
    isOver: true,
    words: "8 min longer than usual",
  });
});

test("a clock that is behind, or no start at all, means no time yet", () => {
  expect(progressOf(START, 12, after(-2)).part).toBe(0);
  expect(progressOf(null, 12, after(5)).minutes).toBe(0);
});
