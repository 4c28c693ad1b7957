import { useEffect, useState } from "preact/hooks";
import type { Mode, SlotView } from "../../generated/contract";
import { addDays, daysBetween, fullDate } from "../../schedule/model/wall-time";
import { zoneOf } from "../../schedule/state/zones";
import { clockTime } from "../../shared/time";
import { clinics, todayAt } from "../../staff/directory";
import { spelled } from "../../staff/model/names";
import { Loaded } from "../../staff/states";
import { byPart, isFree, notBefore, timeWords } from "../model/times";
import type { Place } from "../state/place";
import { DAYS, useDoctors, useTimes } from "../state/times";
import { DayStrip } from "./day-strip";
import { Quieter } from "./quieter";
import { useRoving } from "./roving";

interface TimePickerProps {
  place: Place;
  onPlace: (change: Partial<Place>) => void;
  onPick: (slot: SlotView) => void;
  /** The time that is chosen: it is ours, whatever others see of it. */
  chosen?: string | undefined;
  /** The time that is being asked for. */
  busy?: string | null;
  /** The clinic and the way of meeting are settled. */
  isMove?: boolean;
}

/** Which doctor, which day, which time. What others book or hold fades while it is looked at. */
export function TimePicker({ place, onPlace, onPick, chosen, busy, isMove }: TimePickerProps) {
  const today = todayAt(place.clinicId);
  const [first, setFirst] = useState(notBefore(place.date, today));
  useEffect(() => {
    const days = daysBetween(first, place.date);
    if (days < 0 || days >= DAYS) setFirst(place.date);
  }, [place.date]);
  const turnTo = (date: string): void => {
    setFirst(date);
    onPlace({
      date: addDays(date, Math.max(0, Math.min(DAYS - 1, daysBetween(first, place.date)))),
    });
  };
  return (
    <div class="picker">
      <Whom place={place} onPlace={onPlace} isMove={isMove === true} />
      <DayStrip
        place={place}
        today={today}
        first={first}
        onFirst={turnTo}
        onDay={(date) => onPlace({ date })}
      />
      <Times
        place={place}
        onPick={onPick}
        chosen={chosen}
        // What is held is ours; what is only chosen is anybody's until it is taken.
        chosenWord={isMove ? "chosen" : "yours"}
        busy={busy ?? null}
      />
    </div>
  );
}

interface WhomProps {
  place: Place;
  onPlace: (change: Partial<Place>) => void;
  isMove: boolean;
}

function Whom({ place, onPlace, isMove }: WhomProps) {
  const doctors = useDoctors(place.clinicId);
  const known = clinics.value ?? [];
  return (
    <div class="filters">
      {known.length > 1 && !isMove && (
        <label>
          <span class="filter-label">Clinic</span>
          <select
            value={place.clinicId}
            onChange={(event) => onPlace({ clinicId: event.currentTarget.value, doctorId: "" })}
          >
            {known.map(({ id, name }) => (
              <option key={id} value={id} selected={id === place.clinicId}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <label class="filter-wide">
        <span class="filter-label">Doctor</span>
        <select
          value={place.doctorId}
          onChange={(event) => onPlace({ doctorId: event.currentTarget.value })}
        >
          <option value="" selected={place.doctorId === ""}>
            Any doctor
          </option>
          {(doctors.value ?? []).map(({ id, name, specialties }) => (
            <option key={id} value={id} selected={id === place.doctorId}>
              {[name, ...specialties.slice(0, 1).map(spelled)].join(" · ")}
            </option>
          ))}
        </select>
      </label>
      {!isMove && (
        <label>
          <span class="filter-label">How</span>
          <select
            value={place.mode}
            onChange={(event) => onPlace({ mode: event.currentTarget.value as Mode })}
          >
            <option value="in_person" selected={place.mode === "in_person"}>
              In person
            </option>
            <option value="tele" selected={place.mode === "tele"}>
              By video
            </option>
          </select>
        </label>
      )}
      <label>
        <span class="filter-label">Day</span>
        <input
          type="date"
          value={place.date}
          min={todayAt(place.clinicId)}
          onChange={(event) =>
            event.currentTarget.value && onPlace({ date: event.currentTarget.value })
          }
        />
      </label>
    </div>
  );
}

interface TimesProps {
  place: Place;
  onPick: (slot: SlotView) => void;
  chosen: string | undefined;
  chosenWord: string;
  busy: string | null;
}

function Times({ place, onPick, chosen, chosenWord, busy }: TimesProps) {
  const times = useTimes(place);
  const box = useRoving<HTMLDivElement>();
  const zone = zoneOf(place.clinicId);
  return (
    <>
      {place.doctorId && <Quieter place={place} slots={times.value ?? []} />}
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot hold the groups of a day */}
      <div ref={box} class="times" role="group" aria-label={`Times on ${fullDate(place.date)}`}>
        <Loaded of={times} what="the times">
          {(slots) =>
            slots.length === 0 ? (
              <NoTimes place={place} />
            ) : (
              byPart(slots).map(({ part, slots: some }) => (
                <section key={part} aria-label={spelled(part)}>
                  <h3>{spelled(part)}</h3>
                  <ul>
                    {some.map((slot) => (
                      <li key={slot.id}>
                        <TimeButton
                          slot={slot}
                          time={clockTime(slot.start, zone)}
                          mode={place.mode}
                          isAny={place.doctorId === ""}
                          chosenWord={slot.id === chosen ? chosenWord : ""}
                          isBusy={slot.id === busy}
                          onPick={onPick}
                        />
                      </li>
                    ))}
                  </ul>
                </section>
              ))
            )
          }
        </Loaded>
      </div>
    </>
  );
}

interface TimeButtonProps {
  slot: SlotView;
  time: string;
  mode: Mode;
  isAny: boolean;
  /** How it reads as the one that is chosen; empty for all others. */
  chosenWord: string;
  isBusy: boolean;
  onPick: (slot: SlotView) => void;
}

/** A time stays a button when it goes: whoever is on it with the keyboard must not be thrown off. */
function TimeButton(props: TimeButtonProps) {
  const { slot, time, mode, isAny, chosenWord, isBusy, onPick } = props;
  const isChosen = chosenWord !== "";
  const canPick = isFree(slot, mode) && !isChosen && !isBusy;
  const words = isBusy ? "asking…" : isChosen ? chosenWord : timeWords(slot, mode);
  return (
    <button
      type="button"
      class={`time time-${isChosen ? "mine" : isFree(slot, mode) ? "free" : "taken"}`}
      data-slot={slot.id}
      aria-pressed={isChosen}
      aria-disabled={!canPick}
      onClick={() => canPick && onPick(slot)}
    >
      <strong>{time}</strong>
      {isAny && <span class="time-who">{slot.doctorName}</span>}
      <span class="time-state">{words}</span>
    </button>
  );
}

function NoTimes({ place }: { place: Place }) {
  return (
    <p class="state">
      {place.doctorId
        ? "No times are offered on this day. Choose another day, or any doctor."
        : "No time is free on this day. Choose another day."}
    </p>
  );
}
