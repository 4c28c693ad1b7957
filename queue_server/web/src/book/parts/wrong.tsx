import { isSignedOut } from "../state/booking";
import { SignIn } from "./sign-in";

/** What went wrong, and where to sign in again if that is the matter. */
export function Wrong({ text }: { text: string }) {
  if (!text) return null;
  return (
    <div class="wrong" role="alert">
      <p>{text}</p>
      {isSignedOut.value && <SignIn />}
    </div>
  );
}
