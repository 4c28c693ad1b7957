// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from "vitest";
import { holdHere, navigate, replaceAddress, route } from "./route";

const confirmed = vi.fn<(question?: string) => boolean>();

afterEach(() => vi.unstubAllGlobals());

it("asks before it leaves what is not saved, and only then", () => {
  vi.stubGlobal("confirm", confirmed);
  const letGo = holdHere("Leave without saving?");
  confirmed.mockReturnValueOnce(false);
  navigate("/admin/leave");
  expect(route.value.path).not.toBe("/admin/leave");
  expect(confirmed).toHaveBeenCalledWith("Leave without saving?");
  confirmed.mockReturnValueOnce(true);
  navigate("/admin/leave");
  expect(route.value.path).toBe("/admin/leave");
  letGo();
  navigate("/admin/calendar");
  expect(route.value.path).toBe("/admin/calendar");
  expect(confirmed).toHaveBeenCalledTimes(2);
});

it("asks nothing where the page stays, as for another week", () => {
  vi.stubGlobal("confirm", confirmed.mockClear());
  const letGo = holdHere("Leave without saving?");
  replaceAddress("/admin/doctors/7/schedule?week=2026-11-23");
  expect(confirmed).not.toHaveBeenCalled();
  letGo();
});
