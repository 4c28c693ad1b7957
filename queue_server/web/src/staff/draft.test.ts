import { expect, it } from "vitest";
import { NoAnswer, Refused } from "../shared/http";
import { createDraft } from "./draft";

interface Person {
  name: string;
  city: string;
  version: number;
}

const ada: Person = { name: "Ada", city: "Lund", version: 3 };

function refusal(status: number, errors: Record<string, string>[] = []): Refused {
  return new Refused({
    type: "about:blank",
    title: "No",
    status,
    detail: "That will not do.",
    code: "x",
    errors,
  } as never);
}

it("is dirty while it differs from what was there", () => {
  const draft = createDraft(ada);
  draft.set({ city: "Oslo" });
  expect(draft.isDirty.value).toBe(true);
  draft.set({ city: "Lund" });
  expect(draft.isDirty.value).toBe(false);
});

it("shows a refusal at the field it names, until that field is changed", async () => {
  const draft = createDraft(ada);
  const done = await draft.submit(async () => {
    throw refusal(422, [
      { field: "name", message: "Too short." },
      { field: "city.zone", message: "Unknown." },
    ]);
  });
  expect(done).toBe(false);
  expect(draft.errorAt("name")).toBe("Too short.");
  expect(draft.errorAt("city")).toBe("Unknown.");
  expect(draft.failure.value?.text).toBe("That will not do.");
  draft.set({ name: "Ada L" });
  expect(draft.errorAt("name")).toBeUndefined();
  expect(draft.errorAt("city")).toBe("Unknown.");
});

it("settles what was refused by the server's name of the field, too", () => {
  const draft = createDraft(ada);
  draft.complain([{ field: "home.city", message: "Unknown." }]);
  draft.set({ city: "Oslo" });
  expect(draft.errorAt("home.city")).toBe("Unknown.");
  draft.set({ city: "Bergen" }, "home.city");
  expect(draft.errorAt("home.city")).toBeUndefined();
});

it("sends the same key again only when no answer came and nothing was changed", async () => {
  const draft = createDraft(ada);
  const keys: string[] = [];
  const failWith = (error: Error) =>
    draft.submit(async (_, key) => {
      keys.push(key);
      throw error;
    });
  await failWith(new NoAnswer());
  await failWith(new NoAnswer());
  await failWith(refusal(422));
  await failWith(new NoAnswer());
  draft.set({ name: "Eva" });
  await failWith(new NoAnswer());
  expect(keys[1]).toBe(keys[0]);
  expect(keys[2]).toBe(keys[0]);
  expect(new Set(keys.slice(2)).size).toBe(3);
});

it("takes in what others changed elsewhere and keeps what was typed", () => {
  const draft = createDraft(ada);
  draft.set({ city: "Oslo" });
  draft.rebase({ name: "Ada Lovelace", city: "Lund", version: 4 });
  expect(draft.value.value).toEqual({ name: "Ada Lovelace", city: "Oslo", version: 4 });
});

it("stays as old as it is where the same field was changed on both sides", () => {
  const draft = createDraft(ada);
  draft.set({ city: "Oslo" });
  const now = { name: "Ada", city: "Paris", version: 4 };
  draft.rebase(now);
  expect(draft.value.value.version).toBe(3);
  expect(draft.changedBy(now)).toEqual(["city", "version"]);
  draft.merge(now);
  expect(draft.value.value).toEqual({ name: "Ada", city: "Oslo", version: 4 });
});

it("knows when somebody else was faster", async () => {
  const draft = createDraft(ada);
  await draft.submit(async () => {
    throw refusal(412);
  });
  expect(draft.failure.value?.isStale).toBe(true);
});
