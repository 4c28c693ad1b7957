import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { DoctorDetail, Mode } from "../../generated/contract";
import { look, trouble } from "../../patient/api";
import { listed } from "../../patient/format";
import { known, link, t } from "../../patient/known";
import { follow, route } from "../../shared/route";
import { anyoneOf, queryOfAnyone, timeId } from "../model/anyone";
import { filtersOf } from "../model/results";
import { asking, held, take } from "../state/hold";
import { ofWhat } from "./any-card";
import { OfferCard } from "./offer";
import { Times } from "./times";
import { offeringOfAnyone } from "./use-times";

const MOST = 50;
/** More names tell nobody anything. */
const NAMED = 6;

/** When one of several doctors can be seen, of whom anybody would do. */
export function AnyPage() {
  const { query } = route.value;
  const wanted = filtersOf(query);
  const doctors = useSignal<DoctorDetail[] | null>(null);
  const failure = useSignal("");
  const anyone = anyoneOf(wanted, doctors.value ?? []);
  const asked = queryOfAnyone(anyone);
  useEffect(() => {
    document.title = `${t("any_heading")} · ${known.store.name}`;
  }, []);
  useEffect(() => {
    look<DoctorDetail[]>("/api/doctors", { ...asked, limit: String(MOST) }).then(
      ({ data }) => (doctors.value = data.filter((one) => one.acceptsOnlineBookings)),
      (error) => (failure.value = trouble(error)),
    );
  }, [JSON.stringify(asked)]);
  if (failure.value) return <p class="wrong">{failure.value}</p>;
  const found = doctors.value;
  if (!found) return <p class="starting">{t("loading")}</p>;
  return (
    <>
      <p>
        <a class="button quiet" href={link("/book", asked)} onClick={follow}>
          {t("search_heading")}
        </a>
      </p>
      <article class="card doctor">
        <h1>{t("any_heading")}</h1>
        <p class="specialty" dir="auto">
          {ofWhat(anyone)}
        </p>
        <p>{t("any_more")}</p>
        {found.length > 0 && <p class="soft">{who(found)}</p>}
      </article>
      <OfferCard />
      {found.length > 0 ? (
        <Times
          of={offeringOfAnyone(anyone, found)}
          day={query.get("day") ?? undefined}
          mode={(query.get("mode") as Mode | null) ?? undefined}
          mine={(mode) => asking.value ?? heldAt(mode, found)}
          onTake={(slot, mode) => void take(slot, mode, anyone)}
        />
      ) : (
        <p class="note">
          {t("nothing_found")} {t("nothing_found_more")}
        </p>
      )}
    </>
  );
}

/** The time that is held, if it is held for coming this way, and to one of these doctors. */
function heldAt(mode: Mode, doctors: readonly DoctorDetail[]): string | null {
  const mine = held.value;
  if (mine?.mode !== mode || !doctors.some(({ id }) => id === mine.slot.doctorId)) return null;
  return timeId(mine.slot, mode);
}

function who(doctors: readonly DoctorDetail[]): string {
  if (doctors.length > NAMED) return t("results", { n: doctors.length });
  return t("any_one_of", { doctors: listed(doctors.map(({ name }) => name)) });
}
