import { signal } from "@preact/signals";

/** Where we are: `/desk`, `/desk/day-list?…` or `/desk/ticket?…`. */
export const route = signal(here());

function here(): { path: string; query: URLSearchParams } {
  return {
    path: location.pathname.replace(/\/+$/, ""),
    query: new URLSearchParams(location.search),
  };
}

/** Go to an address of the desk without leaving the page, so that the lanes stay live. */
export function navigate(address: string): void {
  history.pushState(null, "", address);
  route.value = here();
  scrollTo(0, 0);
}

/** For links: a plain click stays in the page, any other (new tab, …) is the browser's. */
export function follow(event: MouseEvent): void {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  navigate((event.currentTarget as HTMLAnchorElement).getAttribute("href") ?? "/desk");
}

/** Follow the browser's back and forward. */
export function listenToHistory(): void {
  addEventListener("popstate", () => (route.value = here()));
}

/** The address of the printable day list of a lane. */
export function dayListAddress(doctorId: string, date: string): string {
  return `/desk/day-list?${new URLSearchParams({ doctorId, date })}`;
}

/** The address of an entry's paper ticket. */
export function ticketAddress(doctorId: string, date: string, appointmentId: string): string {
  return `/desk/ticket?${new URLSearchParams({ appointmentId, doctorId, date })}`;
}
