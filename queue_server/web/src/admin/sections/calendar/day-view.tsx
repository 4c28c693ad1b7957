import type { ClinicDetail } from "../../../generated/contract";
import { fullDate, isDate } from "../../../schedule/model/wall-time";
import { WeekNav } from "../../../schedule/parts/week-nav";
import type { ClinicCalendar, DoctorCalendar, Slot } from "../../../schedule/wire";
import { localDate } from "../../../shared/dates";
import { follow } from "../../../shared/route";
import { AsOf } from "../../../staff/as-of";
import { useResource } from "../../../staff/resource";
import { all, get } from "../../../staff/rest";
import { Empty, Loaded } from "../../../staff/states";
import { address, filterBy, goTo } from "../../state/address";
import { type DayOfDoctor, SlotsGrid } from "./slots-grid";

/** More columns than this can hardly be read side by side: the others are on further pages. */
const PAGE = 10;

interface ViewProps {
  clinic: ClinicDetail;
  query: URLSearchParams;
}

/** All doctors of a clinic on one day, side by side, ten to a page. */
export function DayView({ clinic, query }: ViewProps) {
  const today = localDate(clinic.timezone);
  const asked = query.get("date");
  const date = isDate(asked) ? asked : today;
  const doctors = useResource(`day-${clinic.id}-${date}`, () => doctorsOf(clinic.id, date));
  return (
    <>
      <div class="calendar-bar">
        <h2 class="editor-week">{fullDate(date)}</h2>
        <WeekNav
          date={date}
          today={today}
          days={1}
          onDate={(next) => filterBy({ date: next, page: "" })}
        />
      </div>
      <Loaded of={doctors} what="the day">
        {(found) =>
          found.length === 0 ? (
            <Empty title="No doctor works here yet">
              <p>Assign a doctor to this clinic, and give them weekly hours.</p>
            </Empty>
          ) : (
            <DoctorsOfDay clinic={clinic} date={date} doctors={found} page={query.get("page")} />
          )
        }
      </Loaded>
    </>
  );
}

interface DoctorsOfDayProps {
  clinic: ClinicDetail;
  date: string;
  doctors: readonly DoctorRow[];
  /** As the address says it. */
  page: string | null;
}

function DoctorsOfDay({ clinic, date, doctors, page }: DoctorsOfDayProps) {
  const pages = Math.ceil(doctors.length / PAGE);
  const here = Math.min(Math.max(1, Math.trunc(Number(page)) || 1), pages);
  const shown = doctors.slice((here - 1) * PAGE, here * PAGE);
  const key = `day-${clinic.id}-${date}-${shown.map((one) => one.doctorId).join()}`;
  const columns = useResource(key, () => columnsOf(shown, clinic.id, date));
  return (
    <>
      {pages > 1 && <DoctorPages page={here} pages={pages} total={doctors.length} />}
      <AsOf of={columns} />
      <Loaded of={columns} what="the doctors' day">
        {(found) => (
          <>
            {found.length > 0 && (
              <SlotsGrid
                label={`Doctors on ${fullDate(date)}`}
                columns={found}
                onChanged={() => void columns.reload()}
              />
            )}
            <WithoutHours doctors={shown.filter((one) => !isAmong(found, one))} />
          </>
        )}
      </Loaded>
    </>
  );
}

/** Whoever works at the clinic, but has no weekly hours there that reach to this day. */
function WithoutHours({ doctors }: { doctors: readonly DoctorRow[] }) {
  if (doctors.length === 0) return null;
  return (
    <p class="hint">
      No weekly hours here yet:{" "}
      {doctors.map(({ doctorId, doctorName }, place) => (
        <span key={doctorId}>
          {place > 0 && ", "}
          <a href={address(`doctors/${doctorId}/schedule`)} onClick={follow}>
            {doctorName}
          </a>
        </span>
      ))}
    </p>
  );
}

function isAmong(columns: readonly DayOfDoctor[], { doctorId }: DoctorRow): boolean {
  return columns.some(({ id }) => id === doctorId);
}

/** Which of the doctors are shown, and the way to the others. */
function DoctorPages({ page, pages, total }: { page: number; pages: number; total: number }) {
  const turn = (to: number): void => {
    // The first page needs no word in the address. A button at its end keeps the focus.
    if (to >= 1 && to <= pages) filterBy({ page: to > 1 ? String(to) : "" });
  };
  return (
    <nav class="doctor-pages" aria-label="Pages of doctors">
      <button type="button" aria-disabled={page === 1} onClick={() => turn(page - 1)}>
        <span aria-hidden="true">‹ </span>Previous doctors
      </button>
      <p role="status">
        Doctors {(page - 1) * PAGE + 1}–{Math.min(page * PAGE, total)} of {total}
      </p>
      <button type="button" aria-disabled={page === pages} onClick={() => turn(page + 1)}>
        Next doctors<span aria-hidden="true"> ›</span>
      </button>
    </nav>
  );
}

type DoctorRow = ClinicCalendar["doctors"][number];

/** The clinic's doctors, those who work on that day first; a day closed altogether is explained as well. */
async function doctorsOf(clinicId: string, date: string): Promise<DoctorRow[]> {
  const range = `from=${date}&to=${date}`;
  const { doctors } = await get<ClinicCalendar>(`/api/calendar?clinicId=${clinicId}&${range}`);
  return [...doctors].sort(byWork);
}

/** By name where both work or neither does, so that a page keeps its doctors. */
function byWork(one: DoctorRow, other: DoctorRow): number {
  return (
    Number(works(other)) - Number(works(one)) || one.doctorName.localeCompare(other.doctorName)
  );
}

function works({ days }: DoctorRow): boolean {
  return days.some(({ openMinutes, slots }) => openMinutes > 0 || slots.total > 0);
}

async function columnsOf(
  doctors: readonly DoctorRow[],
  clinicId: string,
  date: string,
): Promise<DayOfDoctor[]> {
  const range = `from=${date}&to=${date}`;
  const columns = doctors.map(async ({ doctorId, doctorName }): Promise<DayOfDoctor[]> => {
    const [calendar, slots] = await Promise.all([
      get<DoctorCalendar>(`/api/doctors/${doctorId}/calendar?${range}`),
      all<Slot>(`/api/doctors/${doctorId}/slots?${range}`),
    ]);
    const day = calendar.days.find((one) => one.clinicId === clinicId && one.date === date);
    if (!day) return [];
    const head = (
      <button
        type="button"
        class="date-button"
        onClick={() => goTo("calendar/week", { doctor: doctorId, date })}
      >
        {doctorName}
      </button>
    );
    const here = slots.filter((one) => one.clinicId === clinicId);
    return [{ id: doctorId, label: doctorName, head, day, slots: here, isToday: false }];
  });
  return (await Promise.all(columns)).flat();
}
