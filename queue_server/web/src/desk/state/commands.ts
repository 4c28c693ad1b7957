import { batch } from "@preact/signals";
import type { StaffQueue } from "../../generated/contract";
import { announce, interrupt } from "../../shared/announce";
import { serverNow } from "../../shared/clock";
import { commandKey } from "../../shared/key";
import { inState } from "../../shared/queue";
import { type CommandOf, type DeskCommand, entryOf } from "../model/command";
import { meansTheSame } from "../model/resend";
import { sentence, tally, who } from "../model/words";
import { doctorName, shown, underWay } from "./board";
import { ask } from "./dialog";
import { type Answer, emitCommand, isLive, refetch, takeQueue, truth } from "./live";
import { dismissVersion, newestUndoable, settle, showDone, showRefused } from "./toasts";

export interface Outcome {
  ok: boolean;
  result?: Record<string, unknown> | undefined;
  /** Why it was refused, as a sentence. */
  reason?: string;
}

// Commands of one lane go one after the other: each then carries the version that the one before
// it made, and a quick hand is not refused for its own haste. A transfer takes its turn in both.
const turns = new Map<string, Promise<unknown>>();

/** Carry out a command: shown at once, spoken, undoable; rolled back with the reason if refused. */
export function run(command: DeskCommand): Promise<Outcome> {
  const seen = shown.value.get(command.lane);
  if (!isLive.value || !seen) {
    return Promise.resolve(refuse("offline", "No connection. Nothing was changed."));
  }
  const key = commandKey();
  const at = serverNow();
  const text = sentence(command, seen, at, doctorName);
  const entry = seen.entries.find((one) => one.id === entryOf(command));
  underWay.value = [...underWay.value, { key, command, at, entry }];
  showDone(key, text);
  announce(text);
  const lanes = lanesOf(command);
  const turn = Promise.all(lanes.map((lane) => turns.get(lane))).then(() =>
    send(command, key, seen),
  );
  for (const lane of lanes) turns.set(lane, turn);
  return turn;
}

function lanesOf({ name, lane, body }: DeskCommand): string[] {
  if (name === "transfer") return [lane, body.doctorId];
  if (name === "absent") return [lane, ...body.doctorIds];
  return [lane];
}

/** Put the called patient with the doctor; asks first when somebody is still there. */
export async function startConsultation(queue: StaffQueue): Promise<void> {
  const called = inState(queue, "called");
  if (!called) return;
  const current = inState(queue, "in_consultation");
  const command: CommandOf<"start"> = {
    name: "start",
    lane: queue.doctorId,
    body: { appointmentId: called.id },
  };
  if (current) {
    const sure = await ask({
      title: `Finish ${who(current)}?`,
      text: `${queue.header.doctor.name} is still with ${who(current)}.`,
      yes: `Finish and start ${called.ticket}`,
    });
    if (!sure) return;
    command.body.completeCurrent = true;
  }
  await run(command);
}

/** Call the next patient, or say what has to happen first. */
export async function callNext(queue: StaffQueue): Promise<void> {
  const called = inState(queue, "called");
  if (called) {
    const text = `${who(called)} is being called. Start, put back or mark as no-show first.`;
    refuse(`calling-${queue.doctorId}`, text);
    return;
  }
  const doctorId = queue.doctorId;
  if (queue.header.paused) {
    refuse(`paused-${doctorId}`, `${queue.header.doctor.name} is paused. Resume the lane first.`);
    return;
  }
  await run({ name: "call-next", lane: doctorId, body: { doctorId } });
}

/** Mark as no-show: the first time the grace runs, a second time ends it at once. */
export async function markNoShow(lane: string, entry: string, graceRuns: boolean): Promise<void> {
  const body = { appointmentId: entry, ...(graceRuns && { gracePeriod: 0 }) };
  await run({ name: "no-show", lane, body });
}

/** Undo the newest command: this desk's own, else the newest of the given lane. */
export async function undoNewest(seen: StaffQueue | undefined): Promise<void> {
  // A hand that is quicker than the network undoes what is still on its way.
  await Promise.allSettled(turns.values());
  const lane = seen && shown.value.get(seen.doctorId);
  const own = newestUndoable();
  if (own?.lane !== undefined && own.version !== undefined) {
    await undo(own.lane, own.version);
    return;
  }
  const latest = lane?.header.undo
    .filter((one) => Date.parse(one.until) > serverNow())
    .sort((one, other) => other.version - one.version)[0];
  if (lane && latest) await undo(lane.doctorId, latest.version);
  else refuse("nothing-to-undo", "Nothing to undo: a command can be undone for 30 seconds.");
}

/** Undo one command of a lane. */
export async function undo(lane: string, version: number): Promise<void> {
  dismissVersion(lane, version);
  await run({ name: "undo", lane, body: { doctorId: lane, version } });
}

/** Tell that something is not done, and why. */
export function refuse(id: string, reason: string): Outcome {
  showRefused(id, reason);
  interrupt(reason);
  return { ok: false, reason };
}

async function send(command: DeskCommand, key: string, seen: StaffQueue): Promise<Outcome> {
  const answer = await answerTo(command, key, seen);
  // The truth comes in and the prediction goes in one step: nothing flickers.
  return batch(() => {
    underWay.value = underWay.value.filter((one) => one.key !== key);
    if (answer === null) {
      return refuse(key, "The server did not answer. The lane shows what it holds now.");
    }
    return answer.ok ? done(command, key, answer) : refuse(key, answer.problem.detail);
  });
}

/** The server's answer, or null when none came and the lane was fetched instead. */
async function answerTo(
  command: DeskCommand,
  key: string,
  seen: StaffQueue,
): Promise<Answer | null> {
  try {
    const answer = await emitCommand(command, versionOf(command.lane), key);
    const isStale = !answer.ok && answer.problem.status === 412;
    return isStale ? await sendAgain(command, key, seen, answer) : answer;
  } catch {
    await refetch(command.lane).catch(() => undefined);
    return null;
  }
}

async function sendAgain(
  command: DeskCommand,
  key: string,
  seen: StaffQueue,
  refused: Answer,
): Promise<Answer> {
  const fresh = await refetch(command.lane);
  if (!meansTheSame(command, seen, fresh, serverNow())) return refused;
  // Another version is another request: the key of the refused one is spent.
  return emitCommand(command, fresh.version, `${key}-2`);
}

function done(command: DeskCommand, key: string, answer: Answer & { ok: true }): Outcome {
  for (const queue of [answer.result?.queue, answer.result?.target]) {
    if (queue) takeQueue(queue as StaffQueue);
  }
  const reached = tally(command, answer.result);
  if (reached) showDone(key, reached);
  if (command.name !== "undo") settle(key, command.lane, answer.version, vacancyOf(command));
  return { ok: true, result: answer.result };
}

/** The appointment whose time a command gave back. */
function vacancyOf(command: DeskCommand): string | undefined {
  const seen = command.name === "cancel" ? truth.value.get(command.lane)?.entries : undefined;
  return seen?.find(({ id, walkIn }) => id === entryOf(command) && !walkIn)?.id;
}

function versionOf(lane: string): number | undefined {
  return truth.value.get(lane)?.version;
}
