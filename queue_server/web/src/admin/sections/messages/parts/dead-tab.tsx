import { useState } from "preact/hooks";
import type { MessageView, ResentView } from "../../../../generated/contract";
import { counted } from "../../../../schedule/model/preview-words";
import { usePages } from "../../../../staff/pages";
import { post } from "../../../../staff/rest";
import { Empty, Failure, Loading } from "../../../../staff/states";
import { attempt, tellDone, tellRefused } from "../../../../staff/toasts";
import { MessageTable } from "./message-table";

/** What no channel has taken, each with the reason; sent again when what was wrong is mended. */
export function DeadTab() {
  const pages = usePages<MessageView>("/api/messages/dead?limit=50");
  const [isBusy, setBusy] = useState(false);
  const again = async ({ id, patientName }: MessageView): Promise<void> => {
    setBusy(true);
    const done = `The message to ${patientName ?? "its reader"} is sent again.`;
    await attempt(() => post(`/api/messages/${id}/resend`), done);
    await pages.reload();
    setBusy(false);
  };
  const all = async (): Promise<void> => {
    setBusy(true);
    try {
      const { resent, isAll } = await post<ResentView>("/api/messages/dead/resend");
      const rest = isAll ? "" : " There are more: send all again once more.";
      tellDone(`${counted(resent, "message")} sent again.${rest}`);
    } catch (error) {
      tellRefused((error as Error).message);
    }
    await pages.reload();
    setBusy(false);
  };
  if (pages.items === null)
    return pages.failure ? (
      <Failure what="the messages" error={pages.failure} retry={() => void pages.reload()} />
    ) : (
      <Loading what="the messages" />
    );
  if (pages.items.length === 0)
    return (
      <Empty title="Every message found its way">
        <p>
          What no channel takes ends here with the reason. Nothing does at present, or it is sent
          again just now: the log says what became of it.
        </p>
        <button type="button" onClick={() => void pages.reload()}>
          Read again
        </button>
      </Empty>
    );
  return (
    <>
      <p class="list-foot">
        <button type="button" class="primary" disabled={isBusy} onClick={() => void all()}>
          Send all again
        </button>
        <span>Mend what is wrong first: an address, or the provider's settings.</span>
      </p>
      <MessageTable
        messages={pages.items}
        action={(message) => (
          <button type="button" disabled={isBusy} onClick={() => void again(message)}>
            Send again<span class="sr-only"> to {message.patientName}</span>
          </button>
        )}
      />
      {pages.hasMore && (
        <p class="list-foot">
          <button type="button" disabled={pages.isLoading} onClick={() => void pages.more()}>
            Show more
          </button>
        </p>
      )}
    </>
  );
}
