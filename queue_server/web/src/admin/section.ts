import type { ComponentType } from "preact";
import type { DoctorDetail } from "../generated/contract";

// How a section is mounted. A section is a folder `sections/<name>/` whose `index.tsx` has the
// component as its default export; it is loaded when somebody first goes there, with its style
// sheet if it imports one. Everything else it needs it imports: `staff/rest` (the API as whoever is
// signed in), `staff/account`, `staff/directory` (clinics and departments), `staff/draft*` and
// `staff/fields` (forms), `staff/resource` and `staff/states` (reading), `staff/toasts`,
// `staff/ask`, `admin/parts/page` (heading), `admin/state/address` (addresses, clinic filter).

export interface SectionProps {
  /** The address after the section's own: `/admin/doctors/7/schedule` has `["7", "schedule"]`. */
  path: readonly string[];
  query: URLSearchParams;
}

/** What a tab of a doctor's page gets: the sections `schedule`, and those of the profile itself. */
export interface DoctorTabProps {
  doctor: DoctorDetail;
  /** Read the doctor again, after something that changes score or profile. */
  reload: () => Promise<void>;
}

export interface SectionModule {
  default: ComponentType<SectionProps>;
}

export interface DoctorTabModule {
  default: ComponentType<DoctorTabProps>;
}
