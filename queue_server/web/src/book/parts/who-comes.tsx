import type { PatientDetailsView } from "../../generated/contract";
import { Radios } from "../../patient/field";
import { link, t } from "../../patient/known";
import { useLoaded } from "../../patient/use-loaded";
import { whoComes } from "../state/booking";

/** Who of the family comes; whoever has not said their name yet is sent to do so. */
export function WhoComes() {
  const me = useLoaded<PatientDetailsView>("/api/me");
  const family = useLoaded<PatientDetailsView[]>("/api/me/family");
  const own = me.data.value;
  if (me.failure.value) return <p class="wrong">{me.failure.value}</p>;
  if (!own) return <p class="soft">{t("loading")}</p>;
  if (!own.name) {
    return (
      <p class="note">
        <a href={link("/account/particulars")}>{t("name_missing")}</a>
      </p>
    );
  }
  const relatives = family.data.value ?? [];
  if (relatives.length === 0) return <p>{t("signed_in_as", { name: own.name })}</p>;
  return (
    <Radios
      label={t("who")}
      value={whoComes.value}
      options={[
        { value: "", label: t("myself", { name: own.name }) },
        ...relatives.map((one) => ({ value: one.id, label: one.name })),
      ]}
      onChange={(value) => (whoComes.value = value)}
    />
  );
}
