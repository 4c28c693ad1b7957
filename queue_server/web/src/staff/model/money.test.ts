import { expect, it } from "vitest";
import { currencies, minorUnits, shownAmount, typedAmount } from "./money";

it("writes what was typed as minor units of its currency", () => {
  expect(minorUnits("45", "EUR")).toBe(4500);
  expect(minorUnits(" 45.5 ", "EUR")).toBe(4550);
  expect(minorUnits("45,05", "EUR")).toBe(4505);
  expect(minorUnits("1200", "JPY")).toBe(1200);
  expect(minorUnits("1.005", "KWD")).toBe(1005);
  expect(minorUnits("", "EUR")).toBeNull();
});

it("never turns a decimal into a wrong cent", () => {
  for (let cents = 0; cents < 10_000; cents += 7)
    expect(minorUnits(typedAmount(cents, "EUR"), "EUR")).toBe(cents);
});

it("says what is wrong with an amount", () => {
  expect(() => minorUnits("1.234", "EUR")).toThrow("EUR has 2 decimals at most.");
  expect(() => minorUnits("1.5", "JPY")).toThrow("JPY has no decimals.");
  expect(() => minorUnits("-3", "EUR")).toThrow("Give an amount");
  expect(() => minorUnits("forty", "EUR")).toThrow("Give an amount");
});

it("shows an amount as the reader writes it", () => {
  expect(shownAmount(4550, "EUR", "en-GB")).toBe("€45.50");
  expect(shownAmount(1200, "JPY", "en-GB")).toBe("JP¥1,200");
});

it("offers currencies in use and nothing else", () => {
  const codes = currencies().map(({ code }) => code);
  expect(codes).toEqual(expect.arrayContaining(["EUR", "USD", "INR", "JPY", "KWD", "CHF"]));
  expect(codes).not.toContain("DEM");
  expect(codes).not.toContain("XTS");
});
