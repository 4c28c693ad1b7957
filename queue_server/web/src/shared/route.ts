import { effect, signal } from "@preact/signals";

export interface Route {
  path: string;
  query: URLSearchParams;
}

/** Where we are. */
export const route = signal(here());

// The address that the page shows, which is not the browser's while a step back is asked about.
let shown = "";
effect(() => {
  void route.value;
  shown = location.pathname + location.search;
});

function here(): Route {
  return {
    path: location.pathname.replace(/\/+$/, ""),
    query: new URLSearchParams(location.search),
  };
}

let mayLeave: (() => Promise<boolean>) | null = null;

/** Have `ask` decide, from now on, whether a page of this screen may be left. */
export function guardRoute(ask: () => Promise<boolean>): void {
  mayLeave = ask;
}

let held: string | null = null;

/** Ask `question` before the page is left for another; returns how to let go of it again. */
export function holdHere(question: string): () => void {
  held = question;
  const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
  addEventListener("beforeunload", warn);
  return () => {
    held = null;
    removeEventListener("beforeunload", warn);
  };
}

/** Go to an address of this screen without leaving the page. */
export function navigate(address: string): void {
  if (held !== null && !confirm(held)) return;
  if (mayLeave) void mayLeave().then((isFree) => isFree && go(address));
  else go(address);
}

function go(address: string): void {
  history.pushState(null, "", address);
  route.value = here();
  scrollTo(0, 0);
}

/** Change the address where we are, as filters do: no step for "back", and the page stays put. */
export function replaceAddress(address: string): void {
  history.replaceState(null, "", address);
  route.value = here();
}

/** For links: a plain click stays in the page, any other (new tab, …) is the browser's. */
export function follow(event: MouseEvent): void {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  navigate((event.currentTarget as HTMLAnchorElement).getAttribute("href") ?? "/");
}

/** Follow the browser's back and forward. */
export function listenToHistory(): void {
  addEventListener("popstate", () => void step());
}

/** The browser has gone back or forward already: whoever wants to stay gets the address again. */
async function step(): Promise<void> {
  const left = shown;
  if (!mayLeave || (await mayLeave())) route.value = here();
  else history.pushState(null, "", left);
}
