import { link, t } from "../../patient/known";

/** The way to the account for who has been signed out; what is held stays held. */
export function SignIn() {
  return (
    <a class="button" href={link("/account")}>
      {t("sign_in")}
    </a>
  );
}
