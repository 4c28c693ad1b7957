import { useEffect, useRef, useState } from "preact/hooks";
import type { StaffEntryView, StaffSlotView, WaitlistPolicy } from "../../generated/contract";
import { addDays, daysBetween, fullDate, wallClock } from "../../schedule/model/wall-time";
import { zoneOf } from "../../schedule/state/zones";
import { serverNow } from "../../shared/clock";
import { localDate } from "../../shared/dates";
import { Modal } from "../../shared/modal";
import { clockTime } from "../../shared/time";
import { Loaded } from "../../staff/states";
import { mayOffer, modeAt, respondBy, unfitAt } from "../model/fit";
import type { Change } from "../model/order";
import { moment, unfitWords, wishWords } from "../model/words";
import { LOOK_DAYS, useFreeTimes } from "../state/free-times";

interface ChooseTimeProps {
  kind: "promote" | "invite";
  entry: StaffEntryView;
  policy: WaitlistPolicy;
  /** Whose times alone may be given away, as a doctor's own. */
  doctorId?: string | null | undefined;
  onChosen: (change: Change, words: string) => void;
  onClose: () => void;
}

/** Which free time somebody gets, or is asked about. */
export function ChooseTime(props: ChooseTimeProps) {
  const { kind, entry, policy, onChosen, onClose } = props;
  const zone = zoneOf(entry.clinicId);
  const today = localDate(zone);
  const [from, setFrom] = useState(() => startOf(entry, today, zone));
  const times = useFreeTimes(entry.clinicId, props.doctorId ?? entry.doctorId, from);
  const [chosen, setChosen] = useState<StaffSlotView | null>(null);
  const now = serverNow();
  // What suits them best is chosen already: most of the time one more press is all there is to do.
  const first = (times.value ?? []).find((slot) => unfitAt(entry, slot, policy, now) === null);
  const picked = chosen ?? first ?? null;
  const primary = useRef<HTMLButtonElement>(null);
  const isReady = picked !== null;
  useEffect(() => {
    // Nothing else was looked at yet: one more press is all there is to do.
    if (isReady && document.activeElement?.closest(".modal-head")) primary.current?.focus();
  }, [isReady]);
  const go = (): void => {
    if (picked) onChosen(...changeFor(kind, entry, picked, policy));
  };
  const verb = kind === "promote" ? "Book" : "Offer";
  return (
    <Modal
      title={kind === "promote" ? `A time for ${entry.patientName}` : `Invite ${entry.patientName}`}
      wide
      onClose={onClose}
    >
      <p class="hint">
        {kind === "promote"
          ? "It is booked at once, and they are told so."
          : `It is held for them until they answer, at most ${policy.inviteMinutes} minutes.`}{" "}
        They wish for: {wishWords(entry.requestedWindow, zone)}
        {entry.mode === "tele" && ", by video"}
        {entry.mode === "in_person" && ", in person"}.
      </p>
      <div class="free-turn">
        <button
          type="button"
          disabled={daysBetween(today, from) <= 0}
          onClick={() => setFrom(maxDate(addDays(from, -LOOK_DAYS), today))}
        >
          <span aria-hidden="true">‹ </span>Earlier
        </button>
        <span>
          {fullDate(from)} and {LOOK_DAYS - 1} days after
        </span>
        <button type="button" onClick={() => setFrom(addDays(from, LOOK_DAYS))}>
          Later<span aria-hidden="true"> ›</span>
        </button>
      </div>
      <div class="free-times">
        <Loaded of={times} what="the free times">
          {(found) =>
            found.length === 0 ? (
              <p class="state">
                No time is free in these days. Look at later days, or free one by moving somebody.
              </p>
            ) : (
              <Days
                kind={kind}
                entry={entry}
                policy={policy}
                slots={found}
                zone={zone}
                now={now}
                picked={picked}
                onPick={setChosen}
              />
            )
          }
        </Loaded>
      </div>
      <div class="modal-actions picker-actions">
        <button ref={primary} type="button" class="primary" disabled={!picked} onClick={go}>
          {picked
            ? `${verb} ${moment(picked.start, zone)} with ${picked.doctorName}`
            : "Choose a time first"}
        </button>
        <button type="button" onClick={onClose}>
          Not now
        </button>
      </div>
    </Modal>
  );
}

interface DaysProps {
  kind: ChooseTimeProps["kind"];
  entry: StaffEntryView;
  policy: WaitlistPolicy;
  slots: readonly StaffSlotView[];
  zone: string;
  now: number;
  picked: StaffSlotView | null;
  onPick: (slot: StaffSlotView) => void;
}

function Days({ kind, entry, policy, slots, zone, now, picked, onPick }: DaysProps) {
  const dates = [...new Set(slots.map(({ date }) => date))];
  const hasSeveral = new Set(slots.map(({ doctorId }) => doctorId)).size > 1;
  return (
    <>
      {dates.map((date) => (
        <section key={date} aria-label={fullDate(date)}>
          <h3>{fullDate(date)}</h3>
          <ul class="free-list">
            {slots
              .filter((slot) => slot.date === date)
              .map((slot) => {
                const why = unfitAt(entry, slot, policy, now);
                const isOff = kind === "invite" ? !mayOffer(why) : modeAt(entry, slot) === null;
                const isPicked = slot.id === picked?.id;
                return (
                  <li key={slot.id}>
                    <button
                      type="button"
                      class={`free-time${why === null ? " free-fits" : ""}`}
                      data-slot={slot.id}
                      aria-pressed={isPicked}
                      aria-disabled={isOff}
                      onClick={() => !isOff && onPick(slot)}
                    >
                      <strong>{clockTime(slot.start, zone)}</strong>
                      {hasSeveral && <span class="sub">{slot.doctorName}</span>}
                      <span class="sub">{why === null ? "fits" : unfitWords(why)}</span>
                    </button>
                  </li>
                );
              })}
          </ul>
        </section>
      ))}
    </>
  );
}

function changeFor(
  kind: ChooseTimeProps["kind"],
  entry: StaffEntryView,
  slot: StaffSlotView,
  policy: WaitlistPolicy,
): [Change, string] {
  const when = moment(slot.start, zoneOf(entry.clinicId));
  if (kind === "promote")
    return [
      { kind: "promote", slotId: slot.id },
      `${entry.patientName} comes on ${when} to ${slot.doctorName}.`,
    ];
  const invite = {
    slotId: slot.id,
    doctorId: slot.doctorId,
    start: slot.start,
    mode: modeAt(entry, slot) ?? "in_person",
    respondBy: respondBy(slot.start, policy.inviteMinutes, serverNow()),
  };
  return [{ kind: "invite", invite }, `${entry.patientName} is asked about ${when}.`];
}

function startOf(entry: StaffEntryView, today: string, zone: string): string {
  const { start } = entry.requestedWindow;
  return start ? maxDate(wallClock(start, zone).date, today) : today;
}

function maxDate(one: string, other: string): string {
  return one > other ? one : other;
}
