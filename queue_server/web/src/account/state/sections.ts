export const SECTIONS = [
  "appointments",
  "waitlist",
  "calendar",
  "family",
  "particulars",
  "messages",
  "privacy",
] as const;
export type Section = (typeof SECTIONS)[number];

/** The section that an address names; the appointments where it names none. */
export function sectionOf(path: string): Section {
  const named = path.split("/")[2];
  return SECTIONS.find((one) => one === named) ?? "appointments";
}

export function pathOf(section: Section): string {
  return section === "appointments" ? "/account" : `/account/${section}`;
}
