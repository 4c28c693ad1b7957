import { useSignal } from "@preact/signals";
import type { PatientDetailsView } from "../../generated/contract";
import { session } from "../../patient/api";
import { t } from "../../patient/known";
import { announce } from "../../shared/announce";
import { changeContact } from "../state/codes";
import { CodeForm } from "./code-form";
import { PersonForm } from "./person-form";

export interface OwnProps {
  me: PatientDetailsView;
  reload: () => Promise<void>;
}

/** One's own name, date of birth, language and contacts. */
export function Particulars({ me, reload }: OwnProps) {
  const said = useSignal("");
  const isChanging = useSignal(false);

  async function saved(): Promise<void> {
    await reload();
    said.value = t("account_saved");
    announce(said.value);
  }

  const headers = { "If-Match": `"${me.version}"` };
  return (
    <>
      {said.value && <p class="well">{said.value}</p>}
      <section class="card">
        <h2>{t("account_particulars")}</h2>
        <PersonForm
          key={me.version}
          person={me}
          save={(body) => session.request("/api/me", { method: "PUT", body, headers })}
          onSaved={saved}
        />
      </section>
      <section class="card">
        <h2>{t("account_contacts")}</h2>
        <dl class="facts">
          {me.phone && (
            <div>
              <dt>{t("account_phone")}</dt>
              <dd dir="ltr">{me.phone}</dd>
            </div>
          )}
          {me.email && (
            <div>
              <dt>{t("account_email")}</dt>
              <dd dir="ltr">{me.email}</dd>
            </div>
          )}
        </dl>
        {isChanging.value ? (
          <CodeForm
            submit={t("account_save")}
            onCode={async (contact, code) => {
              await changeContact(contact, code);
              isChanging.value = false;
              await saved();
            }}
          />
        ) : (
          <p class="buttons">
            <button type="button" onClick={() => (isChanging.value = true)}>
              {t("account_change_contact")}
            </button>
          </p>
        )}
      </section>
    </>
  );
}
