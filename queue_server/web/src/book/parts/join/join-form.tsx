import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { DoctorDetail, Mode, PatientDetailsView } from "../../../generated/contract";
import { session, trouble } from "../../../patient/api";
import { isOffline } from "../../../patient/connection";
import { Failure } from "../../../patient/failure";
import { Choice, Field, Radios } from "../../../patient/field";
import { clinicOf, known, link, t, zoneOf } from "../../../patient/known";
import { useLoaded } from "../../../patient/use-loaded";
import {
  ANY,
  bodyOf,
  mistakesOfWish,
  type Wish,
  type WishMistakes,
} from "../../../patient/waitlist/wish";
import { WishFields } from "../../../patient/waitlist/wish-fields";
import { serverNow } from "../../../shared/clock";
import { localDate } from "../../../shared/dates";
import { commandKey } from "../../../shared/key";
import { navigate } from "../../../shared/route";
import { dateOf } from "../../model/days";
import { anyoneWouldDo, clinicsToWaitAt, modesOf, type Waiting } from "../../model/join";
import { join } from "../../state/joining";
import { nameless, saveName } from "../../state/me";

const WRONG = "[aria-invalid=true]";

export interface JoinFormProps {
  doctors: readonly DoctorDetail[];
  query: URLSearchParams;
}

/** Whom somebody waits for, who it is, and what would suit. */
export function JoinForm({ doctors, query }: JoinFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const key = useRef(commandKey());
  const me = useLoaded<PatientDetailsView>("/api/me");
  const family = useLoaded<PatientDetailsView[]>("/api/me/family");
  const who = useSignal("");
  const name = useSignal("");
  const nameMistake = useSignal("");
  const waiting = useSignal<Waiting>(begun(doctors, query));
  const wish = useSignal<Wish>({
    ...ANY,
    from: dateOf(query.get("from")) ?? "",
    mode: query.has("doctorId") ? "" : ((query.get("mode") as Mode | null) ?? ""),
  });
  const mistakes = useSignal<WishMistakes>({});
  const failure = useSignal("");
  const isBusy = useSignal(false);

  const own = me.data.value;
  if (me.failure.value) return <Failure text={me.failure.value} onRetry={me.load} />;
  if (!own) return <p class="starting">{t("loading")}</p>;
  const { clinicId, doctorId } = waiting.value;
  const doctor = doctors.find(({ id }) => id === doctorId);
  const zone = zoneOf(clinicId);

  function isRight(): boolean {
    const today = localDate(zone, new Date(serverNow()));
    mistakes.value = mistakesOfWish(wish.value, today);
    nameMistake.value = own?.name || name.value.trim() ? "" : t("name_missing");
    return !mistakes.value.to && !nameMistake.value;
  }

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (isBusy.value) return;
    if (!isRight()) {
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>(WRONG)?.focus());
      return;
    }
    isBusy.value = true;
    failure.value = "";
    try {
      if (own && !own.name) {
        nameless.value = own;
        await saveName(name.value.trim());
        await me.load();
      }
      const patient = who.value ? { patient: { id: who.value } } : {};
      const body = {
        clinicId,
        doctorId: doctorId || null,
        ...patient,
        ...bodyOf(wish.value, zone),
      };
      await join(body, key.current);
      navigate(link("/book/joined"));
    } catch (error) {
      // What is sent next may be something else.
      key.current = commandKey();
      failure.value = trouble(error);
    } finally {
      isBusy.value = false;
    }
  }

  const relatives = family.data.value ?? [];
  return (
    <form ref={form} class="form card" noValidate onSubmit={(event) => void submit(event)}>
      {!own.name && (
        <Field
          label={t("name")}
          hint={t("name_hint")}
          name="name"
          autocomplete="name"
          required
          value={name.value}
          mistake={nameMistake.value}
          onInput={(text) => (name.value = text)}
        />
      )}
      {own.name && relatives.length > 0 && (
        <Radios
          label={t("who")}
          value={who.value}
          options={[
            { value: "", label: t("myself", { name: own.name }) },
            ...relatives.map((one) => ({ value: one.id, label: one.name })),
          ]}
          onChange={(id) => (who.value = id)}
        />
      )}
      <Whom
        doctors={doctors}
        waiting={waiting.value}
        mayBeAnyone={anyoneWouldDo(query)}
        onChange={(next) => (waiting.value = next)}
      />
      <WishFields
        wish={wish.value}
        mistakes={mistakes.value}
        modes={modesOf(doctor)}
        onChange={(changed) => (wish.value = { ...wish.value, ...changed })}
      />
      <Failure text={failure.value} />
      <button type="submit" class="primary wide" disabled={isBusy.value || isOffline.value}>
        {t(isBusy.value ? "waitlist_joining" : "waitlist_join")}
      </button>
      {!session.current.value && <p class="note">{t("error_unauthenticated")}</p>}
    </form>
  );
}

interface WhomProps {
  doctors: readonly DoctorDetail[];
  waiting: Waiting;
  mayBeAnyone: boolean;
  onChange: (waiting: Waiting) => void;
}

/** At which clinic, and there with whom. */
function Whom({ doctors, waiting, mayBeAnyone, onChange }: WhomProps) {
  const { clinicId, doctorId } = waiting;
  const doctor = doctors.find(({ id }) => id === doctorId);
  const only = doctors.length === 1 ? doctors[0] : undefined;
  const clinics = clinicsToWaitAt(only ?? doctor, all());
  const there = doctors.filter(({ clinicIds }) => clinicIds.includes(clinicId));
  const whom = [
    ...there.map(({ id, name }) => ({ value: id, label: name })),
    ...(mayBeAnyone
      ? [{ value: "", label: t("waitlist_anyone", { clinic: clinicOf(clinicId)?.name ?? "" }) }]
      : []),
  ];
  const List = whom.length > 3 ? Choice : Radios;
  return (
    <>
      {clinics.length > 1 && (
        <Choice
          label={t("clinic")}
          value={clinicId}
          options={clinics.map((id) => ({ value: id, label: clinicOf(id)?.name ?? id }))}
          onChange={(id) =>
            onChange({ clinicId: id, doctorId: at(doctors, id, doctorId, mayBeAnyone) })
          }
        />
      )}
      {whom.length > 1 ? (
        <List
          label={t("waitlist_whom")}
          value={doctorId}
          options={whom}
          onChange={(id) => onChange({ clinicId, doctorId: id })}
        />
      ) : (
        <p>
          <bdi>{doctor?.name ?? clinicOf(clinicId)?.name}</bdi>
        </p>
      )}
    </>
  );
}

function all(): string[] {
  return known.store.clinics.map(({ id }) => id);
}

/** Who is waited for at another clinic: the same doctor if they work there. */
function at(
  doctors: readonly DoctorDetail[],
  clinicId: string,
  doctorId: string,
  mayBeAnyone: boolean,
): string {
  const there = doctors.filter(({ clinicIds }) => clinicIds.includes(clinicId));
  if (there.some(({ id }) => id === doctorId)) return doctorId;
  return mayBeAnyone ? "" : (there[0]?.id ?? "");
}

function begun(doctors: readonly DoctorDetail[], query: URLSearchParams): Waiting {
  const named = doctors.find(({ id }) => id === query.get("doctorId"));
  const asked = query.get("clinicId");
  const clinics = clinicsToWaitAt(named, all());
  const home =
    named?.homeClinicId && clinics.includes(named.homeClinicId) ? named.homeClinicId : "";
  const clinicId = asked && clinics.includes(asked) ? asked : home || (clinics[0] ?? "");
  return { clinicId, doctorId: named?.id ?? at(doctors, clinicId, "", anyoneWouldDo(query)) };
}
