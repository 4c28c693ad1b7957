import { leave } from "../state/account";
import { LaneChoice } from "./lane-choice";

/** The first time at this desk: which doctors it looks after. */
export function FirstChoice() {
  return (
    <main class="sign-in">
      <div class="sign-in-form">
        <h1>Which doctors does this desk look after?</h1>
        <LaneChoice onChosen={() => undefined} />
        <button type="button" class="quiet" onClick={leave}>
          Sign out
        </button>
      </div>
    </main>
  );
}
