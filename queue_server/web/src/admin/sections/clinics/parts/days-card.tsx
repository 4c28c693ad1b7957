import { useState } from "preact/hooks";
import type { ClinicDaysView, ClinicDetail, HolidayView } from "../../../../generated/contract";
import { localDate } from "../../../../shared/dates";
import { longDate } from "../../../../shared/time";
import { isAdmin } from "../../../../staff/account";
import { ask } from "../../../../staff/ask";
import { useDraft } from "../../../../staff/draft";
import { DraftForm } from "../../../../staff/draft-form";
import { TextField } from "../../../../staff/fields";
import { useResource } from "../../../../staff/resource";
import { all, get, put } from "../../../../staff/rest";
import { Loaded } from "../../../../staff/states";
import { attempt, tellDone } from "../../../../staff/toasts";

interface Days {
  own: ClinicDaysView;
  holidays: HolidayView[];
}

/** When the clinic is closed: public holidays, and dates of its own. */
export function DaysCard({ clinic }: { clinic: ClinicDetail }) {
  const today = localDate(clinic.timezone);
  const thisYear = Number(today.slice(0, 4));
  const [year, setYear] = useState(thisYear);
  const path = `/api/clinics/${clinic.id}`;
  const { country, region } = clinic.holidays ?? {};
  const found = useResource<Days>(`${path}/${year}/${country}/${region}`, async () => {
    const [own, holidays] = await Promise.all([
      get<ClinicDaysView>(`${path}/days`),
      country ? all<HolidayView>(`${path}/holidays?year=${year}`) : [],
    ]);
    return { own, holidays };
  });
  const save = async (own: ClinicDaysView, done: string): Promise<void> => {
    const { closed, open, version } = own;
    const call = () => put(`${path}/days`, { closed, open }, { version }).then(found.reload);
    if (!(await attempt(call, done))) await found.reload();
  };
  return (
    <section class="card">
      <div class="card-head">
        <h2>Closed and open days</h2>
        <label class="year">
          Year{" "}
          <select
            value={String(year)}
            onChange={(event) => setYear(Number(event.currentTarget.value))}
          >
            {[0, 1, 2].map((more) => (
              <option key={more} value={thisYear + more} selected={thisYear + more === year}>
                {thisYear + more}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Loaded of={found} what="the days">
        {({ own, holidays }) => (
          <>
            <ClosedDays
              own={own}
              year={year}
              today={today}
              save={save}
              path={path}
              reload={found.reload}
            />
            <Holidays own={own} holidays={holidays} today={today} save={save} country={country} />
          </>
        )}
      </Loaded>
    </section>
  );
}

type Save = (own: ClinicDaysView, done: string) => Promise<void>;

interface ClosedProps {
  own: ClinicDaysView;
  year: number;
  /** By the clinic's clock: what is over can only be read. */
  today: string;
  save: Save;
  path: string;
  reload: () => Promise<void>;
}

function ClosedDays({ own, year, today, save, path, reload }: ClosedProps) {
  const draft = useDraft("closed", () => ({ date: "", name: "" }));
  const lines = own.closed
    .filter(({ date }) => date.startsWith(String(year)))
    .sort((one, other) => one.date.localeCompare(other.date));
  const open = async (date: string): Promise<void> => {
    const closed = own.closed.filter((one) => one.date !== date);
    await save({ ...own, closed }, `Open again on ${longDate(date)}.`);
  };
  const submit: typeof draft.submit = async (work) => {
    const { date, name } = draft.value.value;
    const faults = [
      ...(date ? [] : [{ field: "date", message: "Choose the day." }]),
      ...(name.trim() ? [] : [{ field: "name", message: "Say why, as patients should read it." }]),
    ];
    if (faults.length === 0) return draft.submit(work);
    draft.complain(faults);
    return false;
  };
  return (
    <div class="form">
      <h3>Closed by the clinic</h3>
      {lines.length === 0 && <p class="hint">No day of {year}.</p>}
      <ul class="rows">
        {lines.map(({ date, name }) => (
          <li key={date}>
            <span>
              <strong>{name}</strong>
              <span class="sub">{longDate(date)}</span>
            </span>
            {isAdmin.value && date >= today && (
              <button type="button" onClick={() => void open(date)}>
                Open again<span class="sr-only"> on {longDate(date)}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      {isAdmin.value && (
        <DraftForm
          draft={{ ...draft, submit }}
          isNew
          label="Close a day"
          save="Close this day"
          onSave={async ({ date, name }, key) => {
            const closed = [...own.closed, { date, name: name.trim() }];
            const body = { closed, open: own.open };
            await put(`${path}/days`, body, { key, version: own.version });
            await reload();
            draft.reset({ date: "", name: "" });
            tellDone(`Closed on ${longDate(date)}.`);
          }}
        >
          <div class="form-row">
            <TextField draft={draft} name="date" label="Day" type="date" />
            <TextField draft={draft} name="name" label="Why" maxLength={200} />
          </div>
        </DraftForm>
      )}
    </div>
  );
}

interface HolidaysProps {
  own: ClinicDaysView;
  today: string;
  holidays: readonly HolidayView[];
  save: Save;
  country: string | undefined;
}

function Holidays({ own, holidays, today, save, country }: HolidaysProps) {
  const toggle = async ({ date, name, open }: HolidayView): Promise<void> => {
    if (open) {
      const rest = own.open.filter((one) => one !== date);
      const sure = await ask({
        title: `Close on ${name}?`,
        text: "Free times of that day go; booked appointments become work for reception.",
        yes: "Close",
        no: "Stay open",
        danger: true,
      });
      if (sure) await save({ ...own, open: rest }, `Closed on ${name}.`);
      return;
    }
    await save({ ...own, open: [...own.open, date] }, `Open on ${name}.`);
  };
  if (!country) return <p class="hint">Choose a country above to keep its public holidays.</p>;
  return (
    <div class="form">
      <h3>Public holidays</h3>
      <ul class="rows">
        {holidays.map((one) => (
          <li key={one.date}>
            <span>
              <strong>{one.name}</strong>
              <span class="sub">{longDate(one.date)}</span>
            </span>
            <span class="chips">
              <span class={one.open ? "chip chip-ok" : "chip"}>{one.open ? "Open" : "Closed"}</span>
              {isAdmin.value && one.date >= today && (
                <button type="button" onClick={() => void toggle(one)}>
                  {one.open ? "Close" : "Open"}
                  <span class="sr-only"> on {one.name}</span>
                </button>
              )}
            </span>
          </li>
        ))}
        {holidays.length === 0 && <li class="hint">None in this year.</li>}
      </ul>
    </div>
  );
}
