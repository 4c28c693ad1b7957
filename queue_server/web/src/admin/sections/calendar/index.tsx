import { ToRebook } from "../../../schedule/parts/to-rebook";
import { follow } from "../../../shared/route";
import { account, REBOOKS } from "../../../staff/account";
import { clinicOf, clinics } from "../../../staff/directory";
import { Empty, Loading } from "../../../staff/states";
import { Page } from "../../parts/page";
import type { SectionProps } from "../../section";
import { address, clinicFilter } from "../../state/address";
import { DayView } from "./day-view";
import { DoctorsView } from "./doctors-view";
import { WeekView } from "./week-view";
import "../../../schedule/schedule.css";
import "../../../schedule/leave.css";
import "./calendar.css";

const VIEWS = [
  { path: "", label: "Doctors" },
  { path: "day", label: "Day" },
  { path: "week", label: "Week" },
  { path: "conflicts", label: "To rebook" },
] as const;

/** Whether whoever is signed in finds patients another time. */
function rebooks(): boolean {
  return REBOOKS.has(account.value?.role ?? "");
}

/** What is open, what is closed and why: of all doctors, of a day, of one doctor's week. */
export default function CalendarSection({ path, query }: SectionProps) {
  const [view = ""] = path;
  const known = clinics.value;
  if (known === null) return <Loading what="the clinics" />;
  const clinic = clinicOf(clinicFilter.value) ?? known[0];
  // What reception has to solve is shown for all unless a clinic is chosen; a grid is always that of one.
  const ofAll = view === "conflicts" && clinicFilter.value === null;
  const kept: Record<string, string> = {};
  for (const name of ["date", "doctor"]) {
    const value = query.get(name);
    if (value) kept[name] = value;
  }
  return (
    <Page title="Calendar" lead={ofAll ? "All clinics" : clinic?.name}>
      <nav class="tabs" aria-label="Calendar views">
        {VIEWS.filter((one) => one.path !== "conflicts" || rebooks()).map((one) => (
          <a
            key={one.path}
            href={address(one.path ? `calendar/${one.path}` : "calendar", kept)}
            aria-current={one.path === view ? "page" : undefined}
            onClick={follow}
          >
            {one.label}
          </a>
        ))}
      </nav>
      {!clinic && (
        <Empty title="No clinic yet">
          <p>Add a clinic first; its doctors' days are shown here.</p>
        </Empty>
      )}
      {clinic && view === "" && <DoctorsView clinic={clinic} query={query} />}
      {clinic && view === "day" && <DayView clinic={clinic} query={query} />}
      {clinic && view === "week" && <WeekView clinic={clinic} query={query} />}
      {view === "conflicts" && <ToRebook clinicId={clinicFilter.value} />}
    </Page>
  );
}
