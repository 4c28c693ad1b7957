import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { dialog } from "../state/dialog";

/** The open dialog. They are fetched once the lanes are painted, long before a hand needs one. */
export function Dialogs() {
  const [view, setView] = useState<{ Dialogs: FunctionComponent } | null>(null);
  const isOpen = dialog.value !== null;
  useEffect(() => {
    if (!view) import("../dialogs/dialogs").then(setView, () => undefined);
  }, [view, isOpen]);
  return view && <view.Dialogs />;
}
