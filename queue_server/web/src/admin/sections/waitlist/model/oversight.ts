import type { StaffEntryView } from "../../../../generated/contract";

// The administrator's view of a list: narrowed, sorted, and worked many at a time.

export const SORTS = [
  { value: "place", label: "Place" },
  { value: "waited", label: "Longest waiting" },
  { value: "points", label: "Points" },
  { value: "expires", label: "Ends soonest" },
  { value: "name", label: "Name" },
] as const;

export type Sort = (typeof SORTS)[number]["value"];

const ORDERS: Readonly<Record<Sort, (one: StaffEntryView, other: StaffEntryView) => number>> = {
  // As it came: clinic by clinic, each in its order.
  place: () => 0,
  waited: (one, other) => one.createdAt.localeCompare(other.createdAt),
  points: (one, other) => other.priorityScore - one.priorityScore,
  expires: (one, other) => one.expiresAt.localeCompare(other.expiresAt),
  name: (one, other) => one.patientName.localeCompare(other.patientName),
};

export interface Narrow {
  text: string;
  urgency: string;
  doctorId: string;
}

/** Those of a list who fit, in the order that was asked for. */
export function narrowed(
  entries: readonly StaffEntryView[],
  { text, urgency, doctorId }: Narrow,
  sort: Sort,
): StaffEntryView[] {
  const words = plain(text).split(/\s+/).filter(Boolean);
  return entries
    .filter((entry) => {
      const says = plain(`${entry.patientName} ${entry.patientPhone ?? ""} ${entry.notes}`);
      const isTheirs =
        doctorId === "" || (doctorId === "any" ? !entry.doctorId : entry.doctorId === doctorId);
      return (
        isTheirs &&
        (urgency === "" || entry.urgency === urgency) &&
        words.every((word) => says.includes(word))
      );
    })
    .sort(ORDERS[sort]);
}

function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** What became of one of many. */
export type Outcome = { state: "working" } | { state: "done" } | { state: "refused"; why: string };

/** "4 done, 1 refused": how a bulk action stands. */
export function tallyWords(outcomes: ReadonlyMap<string, Outcome>): string {
  const count = (state: Outcome["state"]): number =>
    [...outcomes.values()].filter((one) => one.state === state).length;
  const [working, done, refused] = [count("working"), count("done"), count("refused")];
  return [
    working > 0 && `${working} under way`,
    `${done} done`,
    refused > 0 && `${refused} refused: the reason stands in the row`,
  ]
    .filter(Boolean)
    .join(", ");
}

/** Do `work` with each of many, a few at a time; tells of each as it goes. */
export async function inTurn<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = [...items];
  const worker = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}
