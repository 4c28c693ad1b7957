/** Under so many seconds there is reason to hurry. */
const SHORT = 120;
const ANSWER_MS = 15_000;

/** "29:10", or "1:02:09": what is left of so many seconds. */
export function timeLeft(seconds: number): string {
  const left = Math.max(0, Math.ceil(seconds));
  const [hours, minutes] = [Math.floor(left / 3600), Math.floor(left / 60) % 60];
  const two = (n: number) => `${n}`.padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(left % 60)}` : `${minutes}:${two(left % 60)}`;
}

/**
 * Let the card of an offer inside `holder` count down what the server said is left, whatever this
 * device's own clock says, and answer without leaving the page before the answer is known.
 */
export function runOffer(holder: HTMLElement, over: () => void): void {
  const card = holder.querySelector<HTMLElement>(".offer");
  if (!card) return;
  const bar = card.querySelector("progress") as HTMLProgressElement;
  const clock = card.querySelector("[role=timer]") as HTMLElement;
  const failed = card.querySelector(".offer-failed") as HTMLElement;
  const buttons = card.querySelectorAll("button");
  const end = Date.now() + Number(card.dataset.left) * 1000;
  const timer = setInterval(tick, 1000);
  tick();

  function tick(): void {
    const left = (end - Date.now()) / 1000;
    clock.textContent = timeLeft(left);
    bar.value = left;
    card?.classList.toggle("short", left < SHORT);
    if (left > 0 && card?.isConnected) return;
    clearInterval(timer);
    if (left <= 0) over();
  }

  card.onsubmit = async (event) => {
    event.preventDefault();
    failed.textContent = "";
    for (const button of buttons) button.disabled = true;
    try {
      const signal = AbortSignal.timeout(ANSWER_MS);
      const form = event.target as HTMLFormElement;
      location.href = (await fetch(form.action, { method: "POST", signal })).url;
    } catch {
      failed.textContent = failed.dataset.failed ?? "";
      for (const button of buttons) button.disabled = false;
    }
  };
}
