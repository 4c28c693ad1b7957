// From a key press to what the desk should do: pure, so that the whole keyboard can be tested.

export type DeskKey =
  | { do: "call-next" | "arrived" | "no-show" | "walk-in" | "book" | "start" | "finish" | "recall" }
  | { do: "emergency" | "undo" | "palette" | "help" | "deselect" }
  | { do: "select"; by: -1 | 1 }
  | { do: "select-edge"; edge: "first" | "last" }
  | { do: "lane"; by: -1 | 1 }
  | { do: "lane-number"; number: number }
  | { do: "reorder"; by: -1 | 1 }
  | { do: "to-lane"; by: -1 | 1 };

export interface Press {
  key: string;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
}

export interface Situation {
  /** The press went into a field, where letters are text. */
  typing: boolean;
  /** A dialog is open: it has the keyboard to itself. */
  dialog: boolean;
  /** Single letters can be switched off, for voice control and stray keys. */
  letters: boolean;
}

const LETTERS: Record<string, DeskKey> = {
  n: { do: "call-next" },
  a: { do: "arrived" },
  x: { do: "no-show" },
  w: { do: "walk-in" },
  b: { do: "book" },
  s: { do: "start" },
  f: { do: "finish" },
  r: { do: "recall" },
  e: { do: "emergency" },
  z: { do: "undo" },
  "?": { do: "help" },
};

const ARROWS: Record<string, DeskKey> = {
  ArrowUp: { do: "select", by: -1 },
  ArrowDown: { do: "select", by: 1 },
  ArrowLeft: { do: "lane", by: -1 },
  ArrowRight: { do: "lane", by: 1 },
  Home: { do: "select-edge", edge: "first" },
  End: { do: "select-edge", edge: "last" },
  Escape: { do: "deselect" },
};

const ALT_ARROWS: Record<string, DeskKey> = {
  ArrowUp: { do: "reorder", by: -1 },
  ArrowDown: { do: "reorder", by: 1 },
  ArrowLeft: { do: "to-lane", by: -1 },
  ArrowRight: { do: "to-lane", by: 1 },
};

/** What `press` asks for in this situation; undefined where it belongs to somebody else. */
export function deskKey(press: Press, situation: Situation): DeskKey | undefined {
  const command = press.ctrlKey || press.metaKey;
  if (command && !press.altKey && press.key.toLowerCase() === "k") return { do: "palette" };
  if (situation.dialog || situation.typing) return undefined;
  if (command && !press.altKey && !press.shiftKey && press.key.toLowerCase() === "z") {
    return { do: "undo" };
  }
  if (command) return undefined;
  if (press.altKey) return press.shiftKey ? undefined : ALT_ARROWS[press.key];
  const arrow = ARROWS[press.key];
  if (arrow) return press.shiftKey ? undefined : arrow;
  if (!situation.letters) return undefined;
  if (/^[1-9]$/.test(press.key)) return { do: "lane-number", number: Number(press.key) };
  return LETTERS[press.key.toLowerCase()];
}
