import { leave } from "../../staff/account";

const ELSEWHERE: Record<string, { text: string; href: string; label: string }> = {
  doctor: {
    text: "Your queue, schedule and leave have a page of their own.",
    href: "/doctor",
    label: "Open the doctor's page",
  },
  display: {
    text: "It belongs to a screen in the waiting room.",
    href: "/display",
    label: "Open the waiting-room screen",
  },
};

/** For accounts that have no business here: where theirs is. */
export function WrongAccount({ role }: { role: string }) {
  const place = ELSEWHERE[role];
  return (
    <main class="sign-in">
      <div class="sign-in-form">
        <h1>This account does not administer anything</h1>
        <p>{place?.text ?? "Ask an administrator of your organisation for an account."}</p>
        {place && (
          <a class="button primary" href={place.href}>
            {place.label}
          </a>
        )}
        <button type="button" onClick={leave}>
          Sign in with another account
        </button>
      </div>
    </main>
  );
}
