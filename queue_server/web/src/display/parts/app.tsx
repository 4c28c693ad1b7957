import { choices, queues, session, trouble } from "../state/screen";
import { Board } from "./board";
import { ClinicChoice } from "./clinic-choice";
import { SignIn } from "./sign-in";

/** The display of a waiting room. */
export function App() {
  if (!session.current.value) return <SignIn />;
  if (choices.value.length > 0) return <ClinicChoice />;
  if (queues.value.length === 0) return <Starting />;
  return <Board />;
}

function Starting() {
  return (
    <main class="plain">
      <p role="status">{trouble.value || "Opening the display…"}</p>
    </main>
  );
}
