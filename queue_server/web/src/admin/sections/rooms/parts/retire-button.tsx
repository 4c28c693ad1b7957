import { ask } from "../../../../staff/ask";
import { put, remove } from "../../../../staff/rest";
import { attempt } from "../../../../staff/toasts";

interface RetireProps {
  of: { name: string; active: boolean; version: number };
  path: string;
  reload: () => Promise<void>;
}

/** Takes a room or a device out of use for good, or brings it back. */
export function RetireButton({ of, path, reload }: RetireProps) {
  const { name, active, version } = of;
  const retire = async (): Promise<void> => {
    const sure = await ask({
      title: `Remove ${name}?`,
      text: "Nothing can be planned in it any more; its history stays. You can bring it back.",
      yes: "Remove",
      no: "Keep",
      danger: true,
    });
    if (!sure) return;
    await attempt(() => remove(path, { version }).then(reload), `${name} was removed.`);
  };
  const restore = async (): Promise<void> => {
    await attempt(() => put(path, { active: true }, { version }).then(reload), `${name} is back.`);
  };
  return active ? (
    <button type="button" class="danger" onClick={() => void retire()}>
      Remove…
    </button>
  ) : (
    <button type="button" class="primary" onClick={() => void restore()}>
      Bring back
    </button>
  );
}
