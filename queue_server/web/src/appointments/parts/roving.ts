import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

// Many buttons, one stop of the Tab key: arrows walk among them as they stand on the screen.

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Let arrow keys walk among the buttons inside; returns where to put them. */
export function useRoving<T extends HTMLElement>(): RefObject<T | null> {
  const box = useRef<T>(null);
  // After every painting: which button is the stop may have gone.
  useEffect(() => {
    const buttons = buttonsOf(box.current);
    const stop =
      buttons.find((one) => one === document.activeElement) ??
      buttons.find((one) => one.getAttribute("aria-pressed") === "true") ??
      buttons[0];
    for (const one of buttons) one.tabIndex = one === stop ? 0 : -1;
  });
  useEffect(() => {
    const element = box.current;
    const onKey = (event: KeyboardEvent): void => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const buttons = buttonsOf(element);
      const next = nextOf(buttons, document.activeElement as HTMLElement, event.key);
      if (!next) return;
      event.preventDefault();
      for (const one of buttons) one.tabIndex = one === next ? 0 : -1;
      next.focus();
    };
    element?.addEventListener("keydown", onKey);
    return () => element?.removeEventListener("keydown", onKey);
  }, []);
  return box;
}

function buttonsOf(element: HTMLElement | null): HTMLElement[] {
  return [...(element?.querySelectorAll<HTMLElement>("button") ?? [])];
}

function nextOf(buttons: HTMLElement[], here: HTMLElement, key: string): HTMLElement | undefined {
  const at = buttons.indexOf(here);
  if (at < 0) return undefined;
  if (key === "Home") return buttons[0];
  if (key === "End") return buttons.at(-1);
  const [across, down] = STEPS[key] ?? [0, 0];
  if (across) return buttons[at + across];
  return down ? inNextRow(buttons, here, down) : undefined;
}

/** The button of the next row above or below that stands nearest to this one's column. */
function inNextRow(buttons: HTMLElement[], here: HTMLElement, down: number) {
  const from = here.getBoundingClientRect();
  const away = (one: HTMLElement): number => {
    const to = one.getBoundingClientRect();
    return Math.abs(to.top - from.top) * 10 + Math.abs(to.left - from.left);
  };
  return buttons
    .filter((one) => (one.getBoundingClientRect().top - from.top) * down > from.height / 2)
    .sort((one, other) => away(one) - away(other))[0];
}
