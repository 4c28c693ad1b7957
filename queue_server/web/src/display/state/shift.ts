/** Move the picture by a few pixels every minute, so that it does not burn into the screen. */
const EVERY_MS = 60_000;
const PATH: readonly (readonly [number, number])[] = [
  [0, 0],
  [4, 0],
  [4, 4],
  [0, 4],
  [-4, 4],
  [-4, 0],
  [-4, -4],
  [0, -4],
  [4, -4],
];

/** Start shifting `element`. */
export function shiftPixels(element: HTMLElement): void {
  let step = 0;
  setInterval(() => {
    step = (step + 1) % PATH.length;
    const [x, y] = PATH[step] ?? [0, 0];
    element.style.transform = `translate(${x}px, ${y}px)`;
  }, EVERY_MS);
}
