import { expect, it } from "vitest";
import { codeFor, codeOf, countries, languages, spelled, zones } from "./names";

it("knows countries by today's codes, each once", () => {
  const found = countries();
  expect(found).toContainEqual({ code: "DE", name: "Germany" });
  expect(found.filter(({ name }) => name === "Germany")).toHaveLength(1);
  expect(found.map(({ code }) => code)).not.toContain("SU");
  expect(new Set(found.map(({ name }) => name)).size).toBe(found.length);
});

it("takes a language by name or by tag, in any case", () => {
  const known = languages();
  expect(codeOf(" german ", known)).toBe("de");
  expect(codeOf("DE", known)).toBe("de");
  expect(codeOf("Klingonish", known)).toBeNull();
});

it("spells a code as people read it, and makes one of what they type", () => {
  expect(spelled("general_practice")).toBe("General practice");
  expect(codeFor(" Général Practice! ")).toBe("general_practice");
  expect(codeFor("???")).toBe("");
});

it("offers UTC and the zones of the world once", () => {
  expect(zones()).toEqual(expect.arrayContaining(["UTC", "Europe/Berlin", "Asia/Tokyo"]));
  expect(new Set(zones()).size).toBe(zones().length);
});
