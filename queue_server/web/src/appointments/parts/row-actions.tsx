interface RowActionsProps {
  canMove: boolean;
  canCancel: boolean;
  /** What tells this appointment from the others of the list. */
  what: string;
  onOpen: (kind: "move" | "cancel") => void;
}

/** What can be done about one appointment. */
export function RowActions({ canMove, canCancel, what, onOpen }: RowActionsProps) {
  if (!canMove && !canCancel) return null;
  return (
    <div class="row-actions">
      {canMove && (
        <button type="button" onClick={() => onOpen("move")}>
          Other time<span class="sr-only"> for {what}</span>
        </button>
      )}
      {canCancel && (
        <button type="button" class="danger" onClick={() => onOpen("cancel")}>
          Cancel<span class="sr-only"> {what}</span>
        </button>
      )}
    </div>
  );
}
