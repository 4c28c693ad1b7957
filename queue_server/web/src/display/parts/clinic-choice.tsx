import { choices, choose } from "../state/screen";

/** Asks which clinic's waiting room this is. */
export function ClinicChoice() {
  return (
    <main class="plain">
      <div class="sign-in">
        <h1>Which waiting room is this?</h1>
        {choices.value.map((clinic) => (
          <button key={clinic.id} type="button" onClick={() => choose(clinic.id)}>
            {clinic.name}
          </button>
        ))}
      </div>
    </main>
  );
}
