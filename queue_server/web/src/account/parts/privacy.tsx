import { useSignal } from "@preact/signals";
import type { ConsentsView, ExportView } from "../../generated/contract";
import { session, trouble } from "../../patient/api";
import { Confirm } from "../../patient/confirm";
import { isOffline } from "../../patient/connection";
import { Failure } from "../../patient/failure";
import { Field } from "../../patient/field";
import { t } from "../../patient/known";
import { announce } from "../../shared/announce";
import { farewell } from "../state/farewell";
import type { OwnProps } from "./particulars";

const CONSENTS: readonly (keyof ConsentsView)[] = ["messages", "reminders", "dataSharing"];

/** What the patient allows, takes along and takes back. */
export function Privacy({ me, reload }: OwnProps) {
  return (
    <>
      <Consents me={me} reload={reload} />
      <Export />
      <Erase />
    </>
  );
}

function Consents({ me, reload }: OwnProps) {
  const failure = useSignal("");

  async function set(kind: keyof ConsentsView, isGiven: boolean): Promise<void> {
    failure.value = "";
    try {
      const body = { consents: { [kind]: isGiven } };
      await session.request("/api/me", { method: "PUT", body });
      announce(t("account_saved"));
    } catch (error) {
      failure.value = trouble(error);
    }
    await reload();
  }

  return (
    <section class="card">
      <h2>{t("account_consents")}</h2>
      <div class="form">
        {CONSENTS.map((kind) => (
          <label key={kind} class="check">
            <input
              type="checkbox"
              checked={me.consents[kind]}
              disabled={isOffline.value}
              onChange={(event) => void set(kind, event.currentTarget.checked)}
            />
            {t(`account_consent_${kind}`)}
          </label>
        ))}
      </div>
      <Failure text={failure.value} />
    </section>
  );
}

function Export() {
  const failure = useSignal("");

  async function get(): Promise<void> {
    failure.value = "";
    try {
      const { data } = await session.request<ExportView>("/api/me/export");
      const file = new Blob([JSON.stringify(data, null, 2)], { type: "application/json" });
      const anchor = document.createElement("a");
      anchor.href = URL.createObjectURL(file);
      anchor.download = "my-records.json";
      anchor.click();
      URL.revokeObjectURL(anchor.href);
    } catch (error) {
      failure.value = trouble(error);
    }
  }

  return (
    <section class="card">
      <h2>{t("account_export")}</h2>
      <p class="soft">{t("account_export_more")}</p>
      <Failure text={failure.value} />
      <p class="buttons">
        <button type="button" disabled={isOffline.value} onClick={() => void get()}>
          {t("account_export_get")}
        </button>
      </p>
    </section>
  );
}

function Erase() {
  const isAsked = useSignal(false);
  const typed = useSignal("");
  const failure = useSignal("");
  const isBusy = useSignal(false);
  const word = t("account_erase_word");

  async function erase(): Promise<void> {
    isBusy.value = true;
    failure.value = "";
    try {
      await session.request("/api/me", { method: "DELETE" });
      farewell.value = t("account_erased");
      announce(farewell.value);
      await session.signOut();
    } catch (error) {
      failure.value = trouble(error);
      isBusy.value = false;
    }
  }

  return (
    <section class="card">
      <h2>{t("account_erase")}</h2>
      <p class="soft">{t("account_erase_more")}</p>
      <p class="buttons">
        <button
          type="button"
          class="danger"
          disabled={isOffline.value}
          onClick={() => (isAsked.value = true)}
        >
          {t("account_erase")}
        </button>
      </p>
      {isAsked.value && (
        <Confirm
          question={t("account_erase")}
          yes={t("account_erase_yes")}
          no={t("back")}
          isGrave
          isBusy={isBusy.value}
          mayConfirm={typed.value.trim() === word}
          onYes={() => void erase()}
          onNo={() => (isAsked.value = false)}
        >
          <Field
            label={t("account_erase_sure", { word })}
            autocomplete="off"
            value={typed.value}
            onInput={(text) => (typed.value = text)}
          />
          <Failure text={failure.value} />
        </Confirm>
      )}
    </section>
  );
}
