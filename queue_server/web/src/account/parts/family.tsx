import { useSignal } from "@preact/signals";
import type { PatientDetailsView } from "../../generated/contract";
import { session, trouble } from "../../patient/api";
import { Confirm } from "../../patient/confirm";
import { Failure } from "../../patient/failure";
import { birthDay } from "../../patient/format";
import { t } from "../../patient/known";
import { useLoaded } from "../../patient/use-loaded";
import { PersonForm } from "./person-form";

const PATH = "/api/me/family";

/** Those for whom the patient books. */
export function Family() {
  const family = useLoaded<PatientDetailsView[]>(PATH);
  const editing = useSignal<string | null>(null);
  const leaving = useSignal<PatientDetailsView | null>(null);
  const said = useSignal("");
  const all = family.data.value;

  async function done(text: string): Promise<void> {
    editing.value = null;
    leaving.value = null;
    await family.load();
    said.value = text;
  }

  if (!all) {
    if (family.failure.value) return <Failure text={family.failure.value} onRetry={family.load} />;
    return <p class="starting">{t("loading")}</p>;
  }
  return (
    <>
      {said.value && (
        <p class="well" role="status">
          {said.value}
        </p>
      )}
      {all.length === 0 && (
        <div class="card">
          <p>
            <b>{t("account_no_family")}</b> {t("account_no_family_more")}
          </p>
        </div>
      )}
      {all.map((one) => (
        <article key={one.id} class="card">
          {editing.value === one.id ? (
            <PersonForm
              person={one}
              save={(body) => update(one, body)}
              onSaved={() => done(t("account_saved"))}
              onDiscard={() => (editing.value = null)}
            />
          ) : (
            <>
              <h2 dir="auto">{one.name}</h2>
              {one.birthDate && <p class="soft">{birthDay(one.birthDate)}</p>}
              <div class="buttons">
                <button type="button" onClick={() => (editing.value = one.id)}>
                  {t("account_edit")}
                </button>
                <button type="button" class="danger" onClick={() => (leaving.value = one)}>
                  {t("account_remove")}
                </button>
              </div>
            </>
          )}
        </article>
      ))}
      {editing.value === "new" ? (
        <div class="card">
          <PersonForm
            save={(body) => session.request(PATH, { method: "POST", body })}
            onSaved={() => done(t("account_saved"))}
            onDiscard={() => (editing.value = null)}
          />
        </div>
      ) : (
        <p class="buttons">
          <button type="button" class="primary" onClick={() => (editing.value = "new")}>
            {t("account_add_member")}
          </button>
        </p>
      )}
      {leaving.value && (
        <Remove
          person={leaving.value}
          onRemoved={(name) => done(t("account_removed", { name }))}
          onClose={() => (leaving.value = null)}
        />
      )}
    </>
  );
}

function update(one: PatientDetailsView, body: object): Promise<unknown> {
  const headers = { "If-Match": `"${one.version}"` };
  return session.request(`${PATH}/${one.id}`, { method: "PUT", body, headers });
}

interface RemoveProps {
  person: PatientDetailsView;
  onRemoved: (name: string) => void;
  onClose: () => void;
}

function Remove({ person, onRemoved, onClose }: RemoveProps) {
  const failure = useSignal("");
  const isBusy = useSignal(false);
  const { id, name } = person;

  async function remove(): Promise<void> {
    isBusy.value = true;
    try {
      await session.request(`${PATH}/${id}`, { method: "DELETE" });
      onRemoved(name);
    } catch (error) {
      failure.value = trouble(error);
      isBusy.value = false;
    }
  }

  return (
    <Confirm
      question={t("account_remove_sure", { name })}
      yes={t("account_remove")}
      no={t("back")}
      isGrave
      isBusy={isBusy.value}
      onYes={() => void remove()}
      onNo={onClose}
    >
      <p>{t("account_remove_more", { name })}</p>
      <Failure text={failure.value} />
    </Confirm>
  );
}
