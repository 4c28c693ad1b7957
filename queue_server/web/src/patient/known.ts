import type { ClinicView, DoctorDetail, StorefrontView } from "../generated/contract";
import { setServerTime } from "../shared/clock";

/** What the server puts into each page for patients. */
export interface Known {
  language: string;
  words: Record<string, string>;
  store: StorefrontView;
  /** Whether the pages' addresses must say whose they are. */
  tenantInAddress: boolean;
  /** Whether visits can be paid for online. */
  paysOnline: boolean;
  /** Whether the reader has chosen the language, so that it must stay. */
  languageInAddress: boolean;
  /** When the page was made, by the server's clock. */
  now: string;
  /** The first doctors, on the page of the search. */
  doctors?: DoctorDetail[];
  /** The doctor, on the doctor's page. */
  doctor?: DoctorDetail;
}

export const known: Known = JSON.parse(document.getElementById("known")?.textContent ?? "{}");

/** A clock that is further off is wrong; less may be how long the page took. */
const WRONG_MS = 60_000;

/** Whether the page is one that the browser has kept, which tells how late it was then. */
function isOfBefore(): boolean {
  const [entry] = performance.getEntriesByType("navigation");
  return (entry as PerformanceNavigationTiming | undefined)?.type === "back_forward";
}

if (known.now && !isOfBefore() && Math.abs(Date.parse(known.now) - Date.now()) > WRONG_MS) {
  setServerTime(known.now);
}

export const tenantId = known.store?.tenantId;

/** Languages that patients are written to in, each in its own words. */
export const OUR_LANGUAGES = [
  { value: "en", label: "English" },
  { value: "es", label: "Español" },
  { value: "hi", label: "हिन्दी" },
  { value: "ar", label: "العربية" },
];

/** A sentence in the reader's language, with its gaps filled. */
export function t(key: string, filled: Record<string, string | number> = {}): string {
  const text = known.words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (gap, name: string) => isolated(filled[name] ?? gap));
}

/** In a text from right to left, a name in Latin letters must not turn what stands around it. */
function isolated(value: string | number): string {
  return document.dir === "rtl" ? `\u2068${value}\u2069` : String(value);
}

/** Whether something can be said. */
export function isSaid(key: string): boolean {
  return key in known.words;
}

/** An address of these pages, which keeps whose they are and the chosen language. */
export function link(path: string, query: Record<string, string> = {}): string {
  const said = new URLSearchParams({
    ...(known.tenantInAddress && { tenantId: known.store.tenantId }),
    ...(known.languageInAddress && { lang: known.language }),
    ...query,
  }).toString();
  return said ? `${path}?${said}` : path;
}

export function clinicOf(id: string): ClinicView | undefined {
  return known.store.clinics.find((clinic) => clinic.id === id);
}

/** The zone that a clinic's times are told in. */
export function zoneOf(clinicId: string): string {
  return clinicOf(clinicId)?.timezone ?? known.store.clinics[0]?.timezone ?? "UTC";
}
