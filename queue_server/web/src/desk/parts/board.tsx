import { useEffect } from "preact/hooks";
import { lanes } from "../state/board";
import { open } from "../state/dialog";
import { listenToDrops } from "../state/drag";
import { listenToKeys } from "../state/keyboard";
import { refusal } from "../state/live";
import { Lane } from "./lane";
import { TopBar } from "./top-bar";

/** The lanes, side by side. */
export function Board() {
  useEffect(() => listenToKeys(), []);
  useEffect(() => listenToDrops(), []);
  return (
    <>
      <TopBar />
      <main class="board">
        <h1 class="sr-only">Reception desk</h1>
        {refusal.value && (
          <div class="failure board-failure" role="alert">
            <p>The lanes cannot be shown: {refusal.value.detail}</p>
            <button type="button" onClick={() => open({ kind: "lanes" })}>
              Choose other lanes
            </button>
          </div>
        )}
        {lanes.value.map((doctorId, index) => (
          <Lane key={doctorId} doctorId={doctorId} number={index + 1} />
        ))}
        {lanes.value.length === 0 && (
          <div class="empty empty-board">
            <p>No lane yet. Choose the doctors this desk looks after.</p>
            <button type="button" class="primary" onClick={() => open({ kind: "lanes" })}>
              Choose lanes
            </button>
          </div>
        )}
      </main>
    </>
  );
}
