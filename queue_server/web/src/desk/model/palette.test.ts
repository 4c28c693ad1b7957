import { expect, test } from "vitest";
import { type PaletteItem, score, search } from "./palette";

const item = (label: string, more: Partial<PaletteItem> = {}): PaletteItem => ({
  id: label,
  label,
  run: () => undefined,
  ...more,
});
const labels = (items: PaletteItem[]) => items.map((one) => one.label);

test("accents and case do not matter", () => {
  expect(score("sorensen", "Dr Sørensen")).toBeGreaterThan(0);
  expect(score("DIAZ tom", "Tomás Díaz")).toBeGreaterThan(0);
});

test("every word must be found", () => {
  expect(score("call mehta", "Call next for Dr Mehta")).toBeGreaterThan(0);
  expect(score("call banerjee", "Call next for Dr Mehta")).toBe(0);
});

test("the beginning of a word counts more than its inside", () => {
  const items = [item("G13 Imran Khan"), item("P04 Han Li")];
  expect(labels(search(items, "han"))).toEqual(["P04 Han Li", "G13 Imran Khan"]);
});

test("a ticket, a phone number and a doctor find the patient", () => {
  const mei = item("P18 Mei Chen", { detail: "Dr Sørensen · 10:30", also: "+45 20301122" });
  for (const query of ["p18", "2030", "mei sor"]) {
    expect(labels(search([item("P19 Sara Lind"), mei], query))).toEqual(["P18 Mei Chen"]);
  }
});

test("without a query the order given is kept", () => {
  expect(labels(search([item("B"), item("A")], "  ", 1))).toEqual(["B"]);
});
