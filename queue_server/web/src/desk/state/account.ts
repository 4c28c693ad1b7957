import { computed, effect, signal, untracked } from "@preact/signals";
import type { ClinicDetail, LaneDoctor } from "../../generated/contract";
import { byName } from "../../shared/names";
import { keepSession } from "../../shared/session";
import { openStaffSocket } from "../../shared/staff-socket";
import { read } from "./api";
import { doctors, lanes } from "./board";
import { isLive, socket, subscribeTo } from "./live";
import { loadPreferences, prefer, preferences } from "./preferences";
import { select } from "./selection";

const RETRY_MS = 5_000;

/** The session of this browser's desks. */
export const session = keepSession("desk");

/** Who is signed in. */
export const account = computed(() => session.current.value?.user ?? null);

/** Sign in; throws with a sentence when that fails. */
export async function enter(email: string, password: string): Promise<void> {
  await session.signIn(email, password);
}

/** Sign out. */
export function leave(): void {
  void session.signOut();
}

/** Open the desk for whoever is signed in, and close it when they leave. */
export function followSession(): void {
  const accountId = computed(() => account.value?.id ?? null);
  effect(() => {
    const id = accountId.value;
    // Only another account opens the desk anew: nothing that is read on the way may.
    return id === null ? undefined : untracked(() => openDesk(id));
  });
  // The names of the clinic's doctors: fetched once there is a connection, and again if it failed.
  const attempt = signal(0);
  effect(() => {
    void attempt.value;
    const { clinicId } = preferences.value;
    if (accountId.value === null || clinicId === null || !isLive.value) return;
    if (doctors.peek()[0]?.clinicId === clinicId) return;
    doctorsOf(clinicId)
      .then((found) => {
        doctors.value = found;
      })
      .catch(() => setTimeout(() => (attempt.value += 1), RETRY_MS));
  });
}

function openDesk(accountId: string): () => void {
  loadPreferences(accountId);
  const opened = openStaffSocket(session);
  socket.value = opened;
  lanes.value = preferences.value.lanes;
  void subscribeTo(lanes.value);
  return () => {
    opened.close();
    socket.value = null;
    lanes.value = [];
    doctors.value = [];
  };
}

/** The clinics this account may see; for doctors, those where they have a lane. */
export async function clinicsOf(): Promise<ClinicDetail[]> {
  const clinics = byName(await read<ClinicDetail[]>("/api/clinics?limit=200"));
  if (account.value?.role !== "doctor") return clinics;
  const own = (await read<LaneDoctor[]>("/api/doctors/lanes")).filter(mayWatch);
  return clinics.filter((clinic) => own.some((doctor) => doctor.clinicId === clinic.id));
}

/** The doctors of a clinic. */
export function doctorsOf(clinicId: string): Promise<LaneDoctor[]> {
  return read<LaneDoctor[]>(`/api/doctors/lanes?${new URLSearchParams({ clinicId })}`);
}

/** Whether this account may have a lane of that doctor: doctors have their own only. */
export function mayWatch(doctor: LaneDoctor): boolean {
  const user = account.value;
  return user?.role !== "doctor" || user.doctorId === doctor.id;
}

/** Show the lanes of these doctors, and remember them. */
export function chooseLanes(clinicId: string, found: LaneDoctor[], chosen: string[]): void {
  doctors.value = found;
  lanes.value = chosen;
  prefer({ clinicId, lanes: chosen });
  const [first] = chosen;
  if (first !== undefined) select(first, null);
  void subscribeTo(chosen);
}
