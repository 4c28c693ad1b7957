import { useEffect } from "preact/hooks";
import type { PatientDetailsView } from "../../generated/contract";
import { session } from "../../patient/api";
import { Field, Radios } from "../../patient/field";
import { t } from "../../patient/known";
import { useLoaded } from "../../patient/use-loaded";
import { details, mistakes, type } from "../state/booking";
import { choose, comes } from "../state/comes";
import { nameless } from "../state/me";
import { KindOfVisit } from "./kind-of-visit";
import { SignIn } from "./sign-in";

/** Who of the family comes, and what for; whoever has not said their name yet does so here. */
export function WhoComes({ doctorId }: { doctorId: string }) {
  const me = useLoaded<PatientDetailsView>("/api/me");
  const family = useLoaded<PatientDetailsView[]>("/api/me/family");
  const own = me.data.value;
  const relatives = family.data.value ?? [];
  const said = comes.value;
  useEffect(() => {
    if (!own) return;
    nameless.value = own.name ? null : own;
    // Whoever was chosen may not be of the family any more.
    const isThere = said?.id && (!family.data.value || relatives.some(({ id }) => id === said.id));
    if (!isThere) choose("", own.name);
  }, [own, family.data.value]);
  if (me.failure.value) return <Unknown why={me.failure.value} again={me.load} />;
  if (!own) return <p class="soft">{t("loading")}</p>;
  if (!own.name) {
    return (
      <Field
        label={t("name")}
        hint={t("name_hint")}
        name="name"
        autocomplete="name"
        required
        value={details.value.name}
        mistake={mistakes.value.name && t(mistakes.value.name)}
        onInput={(name) => type({ name })}
      />
    );
  }
  return (
    <>
      {relatives.length === 0 ? (
        <p>{t("signed_in_as", { name: own.name })}</p>
      ) : (
        <Radios
          label={t("who")}
          value={said?.id ?? ""}
          options={[
            { value: "", label: t("myself", { name: own.name }) },
            ...relatives.map((one) => ({ value: one.id, label: one.name })),
          ]}
          onChange={(id) => choose(id, relatives.find((one) => one.id === id)?.name ?? own.name)}
        />
      )}
      <KindOfVisit patientId={said?.id || own.id} doctorId={doctorId} />
    </>
  );
}

function Unknown({ why, again }: { why: string; again: () => Promise<void> }) {
  return (
    <div class="wrong" role="alert">
      <p>{why}</p>
      {session.current.value ? (
        <button type="button" onClick={() => void again()}>
          {t("try_again")}
        </button>
      ) : (
        <SignIn />
      )}
    </div>
  );
}
