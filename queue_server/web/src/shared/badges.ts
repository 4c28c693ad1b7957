import type { StaffEntry } from "../generated/contract";

export type Tone = "ok" | "info" | "warn" | "danger" | "plain";

export interface Badge {
  word: string;
  tone: Tone;
  /** A badge that counts down to this instant. */
  until?: string;
  /** What it means, for who asks. */
  hint?: string;
}

/** The words beside a name: state first, then what is special, most urgent first. */
export function badgesOf(entry: StaffEntry): Badge[] {
  const badges: Badge[] = [standing(entry)];
  if (entry.triage === 1) badges.push({ word: "1 immediate", tone: "danger" });
  if (entry.triage === 2) badges.push({ word: "2 urgent", tone: "danger" });
  if (entry.graceUntil) {
    badges.push({
      word: "no-show in",
      tone: "warn",
      until: entry.graceUntil,
      hint: "The grace time runs; then the place is given up",
    });
  }
  if (entry.late) badges.push({ word: "late", tone: "warn" });
  if (entry.early) badges.push({ word: "early", tone: "info" });
  if (entry.walkIn) badges.push({ word: "walk-in", tone: "info" });
  if (entry.skips > 0) {
    const times = entry.skips === 1 ? "skipped" : `skipped ${entry.skips}×`;
    badges.push({ word: times, tone: "plain", hint: "Put back in the line" });
  } else if (entry.pinned) {
    badges.push({ word: "moved", tone: "plain", hint: "Stays where it was put" });
  }
  if (entry.passedOver && entry.state === "expected") {
    badges.push({ word: "passed over", tone: "warn", hint: "Others were called meanwhile" });
  }
  if (entry.promptedAt && entry.state === "expected") {
    badges.push({ word: "reminded", tone: "plain", hint: "We asked whether they are coming" });
  }
  if (entry.mode === "tele") badges.push({ word: "video", tone: "info" });
  const overtakes = Object.values(entry.overtakes).reduce((sum, count) => sum + count, 0);
  if (overtakes > 0 && (entry.state === "waiting" || entry.state === "expected")) {
    const hint = "Times that somebody with less right was called first";
    badges.push({ word: `overtaken ${overtakes}×`, tone: "plain", hint });
  }
  return badges;
}

function standing(entry: StaffEntry): Badge {
  switch (entry.state) {
    case "expected":
      return { word: "Not here yet", tone: "plain" };
    case "waiting":
      return { word: "Here", tone: "ok" };
    case "called":
      return { word: "Called", tone: "ok" };
    case "in_consultation":
      return { word: "With the doctor", tone: "ok" };
    case "completed":
      return { word: "Finished", tone: "plain" };
    case "no_show":
      return { word: "No-show", tone: "danger" };
    case "cancelled":
      return { word: "Cancelled", tone: "plain" };
  }
}
