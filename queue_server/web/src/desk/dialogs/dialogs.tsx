import { shown } from "../state/board";
import { type Dialog, dialog } from "../state/dialog";
import { AbsentDialog } from "./absent";
import { AskDialog } from "./ask";
import { EmergencyDialog } from "./emergency";
import { HelpDialog } from "./help";
import { LanesDialog } from "./lanes";
import { LinkDialog } from "./link";
import { MoveDialog } from "./move";
import { Palette } from "./palette";
import { TransferDialog } from "./transfer";
import { TriageDialog } from "./triage";
import { WalkInDialog } from "./walk-in";
import { WhyDialog } from "./why";

/** The dialog that is open. */
export function Dialogs() {
  return dialog.value && <DialogView dialog={dialog.value} />;
}

function DialogView({ dialog: open }: { dialog: Dialog }) {
  switch (open.kind) {
    case "ask":
      return <AskDialog question={open.question} answer={open.answer} />;
    case "help":
      return <HelpDialog />;
    case "lanes":
      return <LanesDialog />;
    case "palette":
      return <Palette />;
  }
  const queue = shown.value.get(open.lane);
  if (!queue) return null;
  switch (open.kind) {
    case "walk-in":
      return <WalkInDialog key={open.lane} lane={open.lane} />;
    case "emergency":
      return <EmergencyDialog lane={open.lane} />;
    case "absent":
      return <AbsentDialog queue={queue} />;
  }
  const entry = queue.entries.find((one) => one.id === open.entry);
  if (!entry) return null;
  switch (open.kind) {
    case "move":
      return <MoveDialog queue={queue} entry={entry} position={open.position} />;
    case "triage":
      return <TriageDialog queue={queue} entry={entry} />;
    case "transfer":
      return <TransferDialog queue={queue} entry={entry} />;
    case "link":
      return <LinkDialog queue={queue} entry={entry} />;
    case "why":
      return <WhyDialog queue={queue} entry={entry} />;
  }
}
