import { useSignal } from "@preact/signals";
import type { PatientDetailsView, PreferencesView } from "../../../generated/contract";
import { trouble } from "../../../patient/api";
import { Failure } from "../../../patient/failure";
import { t } from "../../../patient/known";
import { useLoaded } from "../../../patient/use-loaded";
import { announce } from "../../../shared/announce";
import { GROUPS, keep, pathOfPreferences } from "../../state/preferences";
import { Kind } from "./kind";
import { Push } from "./push";
import { Quiet } from "./quiet";

/** What one is told, how, and when not. */
export function Messages({ me }: { me: PatientDetailsView }) {
  const read = useLoaded<PreferencesView>(pathOfPreferences(me.id));
  const failure = useSignal("");
  const shown = read.data.value;

  async function save(some: object): Promise<boolean> {
    failure.value = "";
    try {
      read.data.value = await keep(me.id, some);
      announce(t("account_saved"));
      return true;
    } catch (error) {
      failure.value = trouble(error);
      // What is ticked says again what is kept.
      await read.load();
      return false;
    }
  }

  if (!shown) {
    if (read.failure.value) return <Failure text={read.failure.value} onRetry={read.load} />;
    return <p class="starting">{t("loading")}</p>;
  }
  return (
    <>
      <p class="soft section-head">{t("account_messages_more")}</p>
      <Failure text={failure.value} />
      <Push />
      {GROUPS.map(({ name, kinds }) => (
        <section key={name} class="card">
          <h2>{t(name)}</h2>
          {kinds.map((kind) => (
            <Kind
              key={kind}
              kind={kind}
              channels={shown[kind]}
              onChange={(changed) => void save({ [kind]: changed })}
            />
          ))}
        </section>
      ))}
      <Quiet key={JSON.stringify(shown.quietHours)} preferences={shown} save={save} />
    </>
  );
}
