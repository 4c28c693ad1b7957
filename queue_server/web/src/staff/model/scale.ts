// Scales of charts.

/** A round number that is at least `most`, and the steps to it: 7 → 8 by 2. */
export function roundScale(most: number): { top: number; steps: number[] } {
  const rough = Math.max(most, 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? rough;
  // Nobody waits by halves.
  const whole = Math.max(1, step);
  const count = Math.max(1, Math.ceil(most / whole));
  return {
    top: count * whole,
    steps: Array.from({ length: count + 1 }, (_, place) => place * whole),
  };
}

/** Every so many of `count` labels, so that at most `most` of them stand below a chart. */
export function everyNth(count: number, most: number): number {
  return Math.max(1, Math.ceil(count / most));
}
