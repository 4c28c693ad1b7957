import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { DoctorDetail, Mode, SlotView } from "../../generated/contract";
import { look, trouble } from "../../patient/api";
import { time } from "../../patient/format";
import { t, zoneOf } from "../../patient/known";
import { announce } from "../../shared/announce";
import { serverNow } from "../../shared/clock";
import { localDate } from "../../shared/dates";
import { type FreeDay, laterOf, mondayOf, nextFree, plusDays, WEEKS } from "../model/days";
import { heard, lookedUp, type ShownSlot } from "../model/slots";
import { watch } from "../state/live";

const SPAN_DAYS = WEEKS * 7 - 1;
/** Changes of many slots come in bursts. */
const COUNT_AGAIN_MS = 1_500;

/** A doctor's free times: how many on which day, and those of the chosen day, as they change. */
export function useTimes(doctor: DoctorDetail, mode: Mode, firstDay?: string) {
  const zone = zoneOf(doctor.homeClinicId ?? doctor.clinicIds[0] ?? "");
  const today = useMemo(() => localDate(zone, new Date(serverNow())), [zone]);
  const monday = useSignal(mondayOf(laterOf(firstDay ?? today, today)));
  const chosen = useSignal<string | null>(firstDay ?? null);
  const days = useSignal<FreeDay[] | null>(null);
  const slots = useSignal<readonly ShownSlot[] | null>(null);
  const failure = useSignal("");
  const isLive = useSignal(false);
  const asked = useRef({ days: 0, slots: 0 });

  async function loadDays(): Promise<void> {
    const mine = ++asked.current.days;
    const to = plusDays(monday.value, SPAN_DAYS);
    const from = laterOf(monday.value, today);
    try {
      const query = { doctorId: doctor.id, mode, from, to };
      const { data } = await look<FreeDay[]>("/api/slots/days", query);
      if (mine !== asked.current.days) return;
      failure.value = "";
      days.value = data;
      chosen.value ??= nextFree(data, from)?.date ?? null;
    } catch (error) {
      if (mine === asked.current.days) failure.value = trouble(error);
    }
  }

  async function loadSlots(): Promise<void> {
    const date = chosen.value;
    if (!date) return;
    const mine = ++asked.current.slots;
    try {
      const query = { doctorId: doctor.id, from: date, to: date, limit: "200" };
      const { data } = await look<SlotView[]>("/api/slots/availability", query);
      if (mine === asked.current.slots && chosen.value === date) {
        slots.value = lookedUp(slots.value ?? [], data);
      }
    } catch (error) {
      if (mine === asked.current.slots) failure.value = trouble(error);
    }
  }

  function choose(date: string): void {
    if (chosen.value === date) return;
    slots.value = null;
    chosen.value = date;
  }

  useEffect(() => void loadDays(), [doctor.id, mode, monday.value]);
  useEffect(() => {
    slots.value = null;
    void loadSlots();
  }, [doctor.id, chosen.value]);

  useEffect(() => {
    let counting: ReturnType<typeof setTimeout> | undefined;
    const countAgain = () => {
      clearTimeout(counting);
      counting = setTimeout(() => void loadDays(), COUNT_AGAIN_MS);
    };
    const stop = watch(doctor.id, monday.value, plusDays(monday.value, SPAN_DAYS), {
      heard(news) {
        const before = slots.value ?? [];
        slots.value = heard(before, news);
        tell(before, slots.value, news.slotId);
        countAgain();
      },
      lookAgain() {
        void loadSlots();
        countAgain();
      },
      live: (now) => (isLive.value = now),
    });
    return () => {
      stop();
      clearTimeout(counting);
    };
  }, [doctor.id, monday.value]);

  return { today, monday, chosen, choose, days, slots, failure, isLive, retry };

  function retry(): void {
    failure.value = "";
    void loadDays();
    void loadSlots();
  }
}

/** Say aloud what has changed before the eyes of whoever can see it. */
function tell(before: readonly ShownSlot[], after: readonly ShownSlot[], id: string): void {
  const was = before.find((one) => one.slot.id === id);
  const is = after.find((one) => one.slot.id === id);
  if (!was || !is || was.look === is.look) return;
  const at = { time: time(is.slot.start, is.slot.clinicId) };
  if (is.look === "free") announce(t("now_free", at));
  else if (was.look === "free") announce(t("now_taken", at));
}
