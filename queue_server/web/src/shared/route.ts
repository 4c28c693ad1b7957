import { signal } from "@preact/signals";

export interface Route {
  path: string;
  query: URLSearchParams;
}

/** Where we are. */
export const route = signal(here());

function here(): Route {
  return {
    path: location.pathname.replace(/\/+$/, ""),
    query: new URLSearchParams(location.search),
  };
}

/** Go to an address of this screen without leaving the page. */
export function navigate(address: string): void {
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
  addEventListener("popstate", () => (route.value = here()));
}
