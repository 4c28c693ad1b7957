import { expect, it } from "vitest";
import { directionOf, hasSubject, lengthWords, nameFault, WORDED_KINDS, withField } from "./words";

it("puts a field where the cursor is, over what was marked", () => {
  expect(withField("Dear XX!", "patientName", 5, 7)).toEqual({
    text: "Dear {patientName}!",
    cursor: 18,
  });
});

it("says how many texts are paid for", () => {
  expect(lengthWords(161, 2)).toBe("161 characters, sent as 2 texts");
  expect(lengthWords(1, 1)).toBe("1 character, sent as 1 text");
  expect(lengthWords(400, null)).toBe("400 characters");
});

it("writes Arabic from the right, and codes to sign in as they are", () => {
  expect(directionOf("ar")).toBe("rtl");
  expect(directionOf("hi")).toBe("ltr");
  expect(WORDED_KINDS).not.toContain("sign_in_code");
  expect(hasSubject("sms")).toBe(false);
});

it("takes names of wordings that an address can hold", () => {
  expect(nameFault("after-hours")).toBeUndefined();
  expect(["default", "After hours", ""].map(nameFault).every(Boolean)).toBe(true);
});
