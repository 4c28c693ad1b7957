import { describe, expect, test } from "vitest";
import { deskKey, type Press, type Situation } from "./keys";

const free: Situation = { typing: false, dialog: false, letters: true };
const press = (key: string, held: Partial<Press> = {}): Press => ({
  key,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  ...held,
});

test.each([
  ["n", "call-next"],
  ["N", "call-next"],
  ["a", "arrived"],
  ["x", "no-show"],
  ["w", "walk-in"],
  ["b", "book"],
  ["e", "emergency"],
  ["z", "undo"],
  ["?", "help"],
])("%s is %s", (key, action) => {
  expect(deskKey(press(key), free)).toEqual({ do: action });
});

test("arrows select; with Alt they reorder and change lanes", () => {
  expect(deskKey(press("ArrowDown"), free)).toEqual({ do: "select", by: 1 });
  expect(deskKey(press("ArrowLeft"), free)).toEqual({ do: "lane", by: -1 });
  expect(deskKey(press("ArrowUp", { altKey: true }), free)).toEqual({ do: "reorder", by: -1 });
  expect(deskKey(press("ArrowRight", { altKey: true }), free)).toEqual({ do: "to-lane", by: 1 });
});

test("digits go to lanes, zero goes nowhere", () => {
  expect(deskKey(press("3"), free)).toEqual({ do: "lane-number", number: 3 });
  expect(deskKey(press("0"), free)).toBeUndefined();
});

describe("letters belong to somebody else", () => {
  test("in a field", () => {
    expect(deskKey(press("n"), { ...free, typing: true })).toBeUndefined();
  });
  test("in a dialog", () => {
    expect(deskKey(press("n"), { ...free, dialog: true })).toBeUndefined();
  });
  test("with Ctrl: copy, find and print stay the browser's", () => {
    for (const key of ["c", "f", "n", "p"]) {
      expect(deskKey(press(key, { ctrlKey: true }), free)).toBeUndefined();
    }
  });
  test("when switched off, arrows still work", () => {
    const off = { ...free, letters: false };
    expect(deskKey(press("n"), off)).toBeUndefined();
    expect(deskKey(press("1"), off)).toBeUndefined();
    expect(deskKey(press("ArrowDown"), off)).toEqual({ do: "select", by: 1 });
  });
});

test("Ctrl-K opens the palette from anywhere, Ctrl-Z undoes outside of fields", () => {
  const typing = { ...free, typing: true, dialog: true };
  expect(deskKey(press("k", { ctrlKey: true }), typing)).toEqual({ do: "palette" });
  expect(deskKey(press("k", { metaKey: true }), free)).toEqual({ do: "palette" });
  expect(deskKey(press("z", { ctrlKey: true }), free)).toEqual({ do: "undo" });
  expect(deskKey(press("z", { ctrlKey: true }), { ...free, typing: true })).toBeUndefined();
});
