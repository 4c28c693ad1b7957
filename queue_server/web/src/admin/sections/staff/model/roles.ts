import type { AccountView, Role } from "../../../../generated/contract";
import type { Option } from "../../../../staff/fields";

interface RoleWords {
  name: string;
  /** What somebody of this role does with it. */
  does: string;
}

/** Roles of staff, from the most of them to the fewest. */
export const ROLES: Readonly<Record<Exclude<Role, "patient">, RoleWords>> = {
  receptionist: {
    name: "Reception",
    does: "Runs the desk: arrivals, calls, walk-ins, bookings, and appointments to rebook.",
  },
  doctor: {
    name: "Doctor",
    does: "Calls patients of their own line, reads their own schedule, asks for leave.",
  },
  department_head: {
    name: "Department head",
    does: "Decides about the leave of a department's doctors; reads schedules and calendars.",
  },
  admin: {
    name: "Administrator",
    does: "Changes everything here: doctors, schedules, rooms, clinics and accounts.",
  },
  display: {
    name: "Waiting-room screen",
    does: "A screen on the wall: shows tickets only, never a name.",
  },
  platform_admin: {
    name: "Platform administrator",
    does: "Runs the installation; may do everything in every organisation.",
  },
};

/** What a role is called. */
export function roleName(role: Role): string {
  return role === "patient" ? "Patient" : ROLES[role].name;
}

/** What a role is for. */
export function roleDoes(role: string): string {
  return ROLES[role as keyof typeof ROLES]?.does ?? "";
}

/** The roles that `giver` may give; `kept` is offered as well, for an account that has it already. */
export function roleOptions(giver: Role, kept?: Role): Option[] {
  return Object.entries(ROLES)
    .filter(([role]) => role !== "platform_admin" || giver === role || kept === role)
    .map(([value, { name }]) => ({ value, label: name }));
}

/** Whether an account of this role may stand for a doctor. */
export function mayBeDoctor(role: string): boolean {
  return role === "doctor" || role === "department_head";
}

export interface AccountFilter {
  words: string;
  role: string;
  state: string;
  clinic: string | null;
}

/** The accounts that fit, by name. Whoever is limited to no clinic works at every one. */
export function fitting(accounts: readonly AccountView[], filter: AccountFilter): AccountView[] {
  const words = filter.words.toLowerCase().split(/\s+/).filter(Boolean);
  return accounts
    .filter(({ name, email, role, disabled, clinicIds }) => {
      const text = `${name} ${email}`.toLowerCase();
      return (
        words.every((word) => text.includes(word)) &&
        (!filter.role || role === filter.role) &&
        (!filter.state || disabled === (filter.state === "off")) &&
        (!filter.clinic || clinicIds.length === 0 || clinicIds.includes(filter.clinic))
      );
    })
    .sort((one, other) => one.name.localeCompare(other.name));
}
