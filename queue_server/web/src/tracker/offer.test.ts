// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { runOffer, timeLeft } from "./offer";

const fetched = vi.fn<typeof fetch>();

function card(left: number): HTMLElement {
  document.body.innerHTML = `<div id="beside"><section class="offer" data-left="${left}">
    <b role="timer"></b><progress max="1800"></progress>
    <form method="post" action="/invite/t/accept"><button>Yes</button></form>
    <p class="offer-failed" data-failed="No connection."></p></section></div>`;
  return document.getElementById("beside") as HTMLElement;
}

const one = (selector: string) => document.querySelector(selector) as HTMLElement;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", fetched);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it.each([
  [1790, "29:50"],
  [3729, "1:02:09"],
  [0.2, "0:01"],
  [-5, "0:00"],
])("writes %d seconds as %s", (seconds, text) => {
  expect(timeLeft(seconds)).toBe(text);
});

it("counts what the server said is left, hurries in the last two minutes, and says when it is over", () => {
  const over = vi.fn();
  runOffer(card(130), over);
  expect(one("[role=timer]").textContent).toBe("2:10");
  vi.advanceTimersByTime(20_000);
  expect(one(".offer").classList.contains("short")).toBe(true);
  expect(one("[role=timer]").textContent).toBe("1:50");
  vi.advanceTimersByTime(120_000);
  expect(one("[role=timer]").textContent).toBe("0:00");
  expect(over).toHaveBeenCalledTimes(1);
});

it("keeps the offer on the page where an answer does not get through, to be tried again", async () => {
  fetched.mockRejectedValue(new TypeError("no network"));
  runOffer(card(600), () => undefined);
  const button = one("button") as HTMLButtonElement;
  one("form").dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  expect(button.disabled).toBe(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(one(".offer-failed").textContent).toBe("No connection.");
  expect(button.disabled).toBe(false);
});
