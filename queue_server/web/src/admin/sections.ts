import { lazy } from "../staff/lazy";
import type { DoctorTabModule, SectionModule } from "./section";

export interface SectionEntry {
  /** The folder in `sections/`, and the word in the address. */
  name: string;
  label: string;
  /** Whether only administrators have it. */
  isForAdmins?: boolean;
}

/** The sections in the order of the navigation. */
export const SECTIONS: readonly SectionEntry[] = [
  { name: "today", label: "Today", isForAdmins: true },
  { name: "doctors", label: "Doctors" },
  { name: "waitlist", label: "Waitlist", isForAdmins: true },
  { name: "leave", label: "Leave" },
  { name: "calendar", label: "Calendar" },
  { name: "rooms", label: "Rooms & equipment" },
  { name: "clinics", label: "Clinics" },
  { name: "departments", label: "Departments" },
  { name: "staff", label: "Staff", isForAdmins: true },
  { name: "messages", label: "Messages", isForAdmins: true },
  { name: "limits", label: "Limits", isForAdmins: true },
  { name: "jobs", label: "Jobs", isForAdmins: true },
];

// Each folder is a file of its own in the build.
const pages = import.meta.glob<SectionModule>([
  "./sections/*/index.tsx",
  "!./sections/schedule/index.tsx",
]);
const tabs = import.meta.glob<DoctorTabModule>("./sections/schedule/index.tsx");

/** The sections' components, loaded when they are first shown. */
export const SECTION_PAGES = new Map(
  SECTIONS.flatMap(({ name }) => {
    const load = pages[`./sections/${name}/index.tsx`];
    return load ? [[name, lazy(load)] as const] : [];
  }),
);

/** The schedule tab of a doctor's page. */
export const ScheduleTab = Object.values(tabs).map((load) => lazy(load))[0];
