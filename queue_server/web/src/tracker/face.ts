import type { AppointmentView, QueueView, WaitRange } from "../generated/contract";
import { counted, phrase, timeOfDay, type Words } from "./words.ts";

// The same as queue_server/http/tracker_face.py, which paints the page first. tests/web holds both
// to the same cases.

const MAX_DOTS = 8;
const MINUTES_UP_TO = 100;

export interface Face {
  look: "called" | "line" | "still";
  headline: string;
  below: string;
  urgent: boolean;
  amber: string[];
  wait: string;
  around: string;
  dots: number;
  more: number;
}

/** What to show for a view. Empty strings are not shown. */
export function face(
  appointment: AppointmentView,
  queue: QueueView,
  words: Words,
  language: string,
): Face {
  const doctor = appointment.doctor.name;
  const room = appointment.room;
  const say = (key: string, filled = {}) => phrase(words, key, filled);
  const still: Face = {
    look: "still",
    headline: say(queue.state),
    below: say(`${queue.state}_more`),
    urgent: false,
    amber: [],
    wait: "",
    around: "",
    dots: -1,
    more: 0,
  };
  switch (queue.state) {
    case "called": {
      const headline = room ? say("go", { room }) : say("come_in");
      return { ...still, look: "called", headline, below: "", wait: say("now") };
    }
    case "in_consultation":
      return { ...still, headline: say("seen", { doctor }), below: say("seen_more") };
    case "expected":
    case "waiting":
      break;
    default:
      return still;
  }
  const time = (instant: string) => timeOfDay(words, instant, appointment.clinic.timezone);
  const ahead = queue.ahead || 0;
  const amber: string[] = [];
  if (queue.closed) amber.push(say("closed"));
  else if (queue.paused) amber.push(say("paused"));
  if (queue.delayMinutes) amber.push(say("late", { doctor, n: queue.delayMinutes }));
  let below = "";
  if (queue.graceUntil) below = say("grace", { time: time(queue.graceUntil) });
  else if (queue.prompted) below = say("prompted");
  else if (queue.state === "waiting") below = say("here");
  else if (queue.arriveBy) below = say("arrive", { time: time(queue.arriveBy) });
  const start = !queue.closed && queue.estimatedWaitRange?.p90 && queue.estimatedStartAt;
  return {
    look: "line",
    headline: ahead ? counted(words, language, "ahead", ahead) : say("next"),
    below,
    urgent: queue.graceUntil !== null || queue.prompted,
    amber,
    wait: queue.closed ? "" : waitText(queue.estimatedWaitRange, words),
    around: start ? say("around", { time: time(start) }) : "",
    dots: Math.min(ahead, MAX_DOTS),
    more: Math.max(0, ahead - MAX_DOTS),
  };
}

function waitText(wait: WaitRange | null, words: Words): string {
  if (!wait) return "";
  if (!wait.p90) return phrase(words, "now");
  const unit = wait.p90 < MINUTES_UP_TO ? "minutes" : "hours";
  const low = duration(wait.p50, unit);
  const high = duration(wait.p90, unit);
  return phrase(words, unit, { range: low === high ? low : `${low}–${high}` });
}

function duration(minutes: number, unit: string): string {
  if (unit === "minutes") return `${minutes}`;
  return `${Math.floor(minutes / 60)}:${`${minutes % 60}`.padStart(2, "0")}`;
}
