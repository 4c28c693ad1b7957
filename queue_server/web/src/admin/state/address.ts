import { computed } from "@preact/signals";
import { navigate, replaceAddress, route } from "../../shared/route";

const ROOT = "/admin";

/** The words after `/admin`: the section, then what is the section's own. */
export const words = computed(() =>
  route.value.path.slice(ROOT.length).split("/").filter(Boolean).map(decodeURIComponent),
);

/** The clinic that lists are narrowed to; null for all. It travels along in every address. */
export const clinicFilter = computed(() => route.value.query.get("clinic"));

/** The address of `path` (`doctors/7`) with the clinic filter and `query`. */
export function address(path: string, query: Record<string, string> = {}): string {
  const clinic = clinicFilter.value;
  const text = new URLSearchParams({ ...query, ...(clinic && { clinic }) }).toString();
  return `${ROOT}/${path}${text && `?${text}`}`;
}

/** Go to `path` of the admin's screens. */
export function goTo(path: string, query: Record<string, string> = {}): void {
  navigate(address(path, query));
}

/** Set filters in the address of this page; empty ones leave it. */
export function filterBy(change: Record<string, string>): void {
  const query = new URLSearchParams(route.peek().query);
  for (const [name, value] of Object.entries(change)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const text = query.toString();
  replaceAddress(`${route.peek().path}${text && `?${text}`}`);
}
