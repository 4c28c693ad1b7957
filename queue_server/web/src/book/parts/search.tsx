import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Choice, Field } from "../../patient/field";
import { languageName, moment, time } from "../../patient/format";
import { known, t, zoneOf } from "../../patient/known";
import { serverNow } from "../../shared/clock";
import { localDate } from "../../shared/dates";
import {
  failure,
  filters,
  followFilters,
  foundAt,
  hasFilters,
  hasMore,
  isLooking,
  resetFilters,
  search,
  searchMore,
  setFilter,
  shown,
} from "../state/search";
import { AnyCard } from "./any-card";
import { DoctorCard } from "./doctor-card";
import { OfferCard } from "./offer";

const TYPING_MS = 300;
const PARTS = ["morning", "afternoon", "evening"] as const;

/** Finding a doctor: choices, and who fits them with their next times. */
export function Search() {
  useEffect(followFilters, []);
  useEffect(() => {
    document.title = `${t("title_search")} · ${known.store.name}`;
  }, []);
  return (
    <>
      <h1>{t("search_heading")}</h1>
      <search>
        <FilterForm />
      </search>
      <OfferCard />
      <Results />
    </>
  );
}

const all = { value: "", label: t("all") };

function FilterForm() {
  const now = filters.value;
  const { store } = known;
  const typed = useSignal(now.q);
  useEffect(() => {
    const timer = setTimeout(
      () => typed.value !== filters.peek().q && setFilter({ q: typed.value }),
      TYPING_MS,
    );
    return () => clearTimeout(timer);
  }, [typed.value]);
  useEffect(() => {
    if (!now.q) typed.value = "";
  }, [now.q]);
  return (
    <form class="form filters" onSubmit={(event) => event.preventDefault()}>
      <Field
        label={t("search_name")}
        type="search"
        autocomplete="off"
        value={typed.value}
        onInput={(q) => (typed.value = q)}
      />
      <Choice
        label={t("specialty")}
        value={now.specialty}
        options={[all, ...store.specialties.map((s) => ({ value: s.code, label: s.label }))]}
        onChange={(specialty) => setFilter({ specialty })}
      />
      <details open={!!(now.clinicId || now.mode || now.language || now.partOfDay)}>
        <summary>{t("more_filters")}</summary>
        <div class="more-filters">
          <Choice
            label={t("clinic")}
            value={now.clinicId}
            options={[all, ...store.clinics.map((c) => ({ value: c.id, label: c.name }))]}
            onChange={(clinicId) => setFilter({ clinicId })}
          />
          <Choice
            label={t("mode")}
            value={now.mode}
            options={[all, ...["in_person", "tele"].map((value) => ({ value, label: t(value) }))]}
            onChange={(mode) => setFilter({ mode })}
          />
          <Choice
            label={t("spoken")}
            value={now.language}
            options={[all, ...store.languages.map((c) => ({ value: c, label: languageName(c) }))]}
            onChange={(language) => setFilter({ language })}
          />
          <Choice
            label={t("part")}
            value={now.partOfDay}
            options={[all, ...PARTS.map((value) => ({ value, label: t(value) }))]}
            onChange={(partOfDay) => setFilter({ partOfDay })}
          />
        </div>
      </details>
    </form>
  );
}

function Results() {
  const found = shown.value;
  return (
    <section aria-labelledby="found">
      <div class="found-head">
        <h2 id="found">
          {found ? t("results", { n: `${found.length}${hasMore.value ? "+" : ""}` }) : t("loading")}
        </h2>
        <Freshness />
      </div>
      {failure.value && (
        <div class="wrong" role="alert">
          <p>{failure.value}</p>
          <button type="button" onClick={() => void search()}>
            {t("try_again")}
          </button>
        </div>
      )}
      {found?.length === 0 && !isLooking.value && <NothingFound />}
      <AnyCard />
      <ul class="doctors">
        {found?.map((one) => (
          <DoctorCard key={one.doctor.id} {...one} />
        ))}
      </ul>
      {hasMore.value && (
        <button
          type="button"
          class="wide more"
          disabled={isLooking.value}
          onClick={() => void searchMore()}
        >
          {t("show_more")}
        </button>
      )}
    </section>
  );
}

/** How old what is shown is, while it is looked up again. */
function Freshness() {
  if (!foundAt.value || (!isLooking.value && !failure.value)) return null;
  const clinic = known.store.clinics[0]?.id ?? "";
  const dateOf = (ms: number) => localDate(zoneOf(clinic), new Date(ms));
  const isOfToday = dateOf(foundAt.value) === dateOf(serverNow());
  const at = (isOfToday ? time : moment)(foundAt.value, clinic);
  return <p class="soft small">{t(isLooking.value ? "as_of" : "stale", { time: at })}</p>;
}

function NothingFound() {
  return (
    <div class="card empty">
      <p>
        <b>{t("nothing_found")}</b> {t("nothing_found_more")}
      </p>
      {hasFilters.value && (
        <button type="button" class="primary" onClick={resetFilters}>
          {t("reset")}
        </button>
      )}
    </div>
  );
}
