import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { OwnEntryView, PatientDetailsView } from "../../../generated/contract";
import { trouble } from "../../../patient/api";
import { Failure } from "../../../patient/failure";
import { link, t } from "../../../patient/known";
import { useLoaded } from "../../../patient/use-loaded";
import "../../../patient/waitlist/waitlist.css";
import { announce } from "../../../shared/announce";
import { entriesOf, sortedEntries } from "../../state/waitlist";
import { followWaitlist } from "../../state/waitlist-live";
import "../../waitlist.css";
import { EntryCard } from "./entry-card";

/** What one waits for with one's family, and what came of it. */
export function Waitlist({ me }: { me: PatientDetailsView }) {
  const family = useLoaded<PatientDetailsView[]>("/api/me/family");
  const entries = useSignal<OwnEntryView[] | null>(null);
  const failure = useSignal("");
  const said = useSignal<{ text: string; tracker?: string } | null>(null);
  const relatives = family.data.value;

  async function load(): Promise<void> {
    if (!relatives) return;
    try {
      const before = entries.value && offered(entries.value);
      entries.value = await entriesOf([me.id, ...relatives.map(({ id }) => id)]);
      failure.value = "";
      if (before !== null && offered(entries.value) > before) announce(t("account_offer"));
    } catch (error) {
      failure.value = trouble(error);
    }
  }

  useEffect(() => void load(), [relatives]);
  const { waiting, ended } = sortedEntries(entries.value ?? []);
  const isWaiting = waiting.length > 0;
  useEffect(() => followWaitlist(() => void load()), [relatives]);

  function done(text: string, tracker?: string): void {
    said.value = { text, ...(tracker && { tracker }) };
    announce(text);
    void load();
  }

  const wrong = failure.value || family.failure.value;
  if (!entries.value) {
    if (wrong) return <Failure text={wrong} onRetry={relatives ? load : family.load} />;
    return <p class="starting">{t("loading")}</p>;
  }
  const names = new Map(relatives?.map(({ id, name }) => [id, name]));
  const card = (entry: OwnEntryView) => (
    <EntryCard
      key={entry.id}
      entry={entry}
      who={entry.patientId === me.id ? "" : (names.get(entry.patientId) ?? "")}
      onDone={done}
    />
  );
  return (
    <>
      <Failure text={wrong} onRetry={load} />
      {said.value && (
        <div class="well">
          <p>{said.value.text}</p>
          {said.value.tracker && (
            <a class="button" href={said.value.tracker}>
              {t("account_follow")}
            </a>
          )}
        </div>
      )}
      {entries.value.length === 0 && <None />}
      {isWaiting && <h2 class="section-head">{t("account_waiting")}</h2>}
      {waiting.map(card)}
      {ended.length > 0 && <h2 class="section-head">{t("account_past")}</h2>}
      {ended.map(card)}
    </>
  );
}

function offered(entries: readonly OwnEntryView[]): number {
  return entries.filter(({ status }) => status === "invited").length;
}

function None() {
  return (
    <div class="card empty">
      <p>
        <b>{t("account_no_wish")}</b> {t("account_no_wish_more")}
      </p>
      <a class="button primary" href={link("/book")}>
        {t("account_find_doctor")}
      </a>
    </div>
  );
}
