import { computed, effect, signal } from "@preact/signals";
import type { ClinicDetail, DisplayQueue, LaneDoctor } from "../../generated/contract";
import { NoAnswer, Refused } from "../../shared/http";
import { byName } from "../../shared/names";
import { keepSession } from "../../shared/session";
import { openStaffSocket, type StaffSocket } from "../../shared/staff-socket";

const RETRY_MS = 5000;
/** Doctors come and go, and notices run out, without a word from the queues. */
const LOOK_AGAIN_MS = 60_000;

export const session = keepSession("display");

/** What keeps the screen from showing queues, as a sentence; empty when nothing does. */
export const trouble = signal("");

/** Clinics to choose from, when the address names none and the account has several. */
export const choices = signal<ClinicDetail[]>([]);

export const doctors = signal<LaneDoctor[]>([]);

export const socket = signal<StaffSocket<DisplayQueue> | null>(null);

/** The queues of this clinic, in the order of its doctors. */
export const queues = computed(() => {
  const held = socket.value?.queues.value;
  return doctors.value.flatMap((doctor) => held?.get(doctor.id) ?? []);
});

export const isLive = computed(() => socket.value?.isLive.value ?? false);

export const heardAt = computed(() => socket.value?.heardAt.value ?? 0);

let retry: ReturnType<typeof setTimeout> | undefined;

/** Sign in with the token of the address, if it has one, and show the clinic from then on. */
export async function start(): Promise<void> {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const token = fragment.get("token");
  if (token) {
    // Out of the address bar at once: a waiting room reads along.
    history.replaceState(null, "", location.pathname + location.search);
    await session.adopt(token).catch(report);
  }
  effect(() => {
    const account = session.current.value?.user.id;
    if (account) void open();
    else close();
  });
  setInterval(() => void lookAgain(), LOOK_AGAIN_MS);
}

/** Show this clinic, and remember it in the address. */
export function choose(clinicId: string): void {
  remember(clinicId);
  choices.value = [];
  void open();
}

function remember(clinicId: string): void {
  const address = new URL(location.href);
  address.searchParams.set("clinic", clinicId);
  history.replaceState(null, "", address);
}

async function open(): Promise<void> {
  clearTimeout(retry);
  try {
    const clinic = await clinicId();
    if (!clinic) return;
    doctors.value = await doctorsOf(clinic);
    trouble.value = "";
    socket.value ??= openStaffSocket<DisplayQueue>(session);
    await socket.value.subscribe(doctors.value.map((doctor) => doctor.id));
  } catch (error) {
    report(error);
    if (session.current.peek()) retry = setTimeout(() => void open(), RETRY_MS);
  }
}

function close(): void {
  socket.peek()?.close();
  socket.value = null;
}

async function lookAgain(): Promise<void> {
  const clinic = new URLSearchParams(location.search).get("clinic");
  const open = socket.peek();
  if (!open || !clinic || !isLive.peek()) return;
  const found = await doctorsOf(clinic).catch(() => doctors.peek());
  const ids = found.map((doctor) => doctor.id);
  const before = doctors.peek().map((doctor) => doctor.id);
  doctors.value = found;
  if (ids.join() !== before.join()) await open.subscribe(ids);
  else await Promise.all(ids.map((id) => open.refetch(id))).catch(() => undefined);
}

/** The clinic of the address, else the account's only one; null after asking which. */
async function clinicId(): Promise<string | null> {
  const named = new URLSearchParams(location.search).get("clinic");
  if (named) return named;
  const own = session.current.peek()?.user.clinicIds ?? [];
  const only = own.length === 1 ? own[0] : undefined;
  if (only) {
    remember(only);
    return only;
  }
  const { data } = await session.request<ClinicDetail[]>("/api/clinics?limit=200");
  const mine = data.filter((clinic) => own.length === 0 || own.includes(clinic.id));
  choices.value = byName(mine);
  if (choices.value.length === 0) trouble.value = "This account has no clinic.";
  return null;
}

async function doctorsOf(clinic: string): Promise<LaneDoctor[]> {
  const query = new URLSearchParams({ clinicId: clinic });
  const { data } = await session.request<LaneDoctor[]>(`/api/doctors/lanes?${query}`);
  return data;
}

function report(error: unknown): void {
  const isOurs = error instanceof Refused || error instanceof NoAnswer;
  trouble.value = isOurs ? error.message : "Something went wrong. The screen tries again.";
}
