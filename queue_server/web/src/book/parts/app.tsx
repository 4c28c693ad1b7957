import { useEffect, useRef } from "preact/hooks";
import { Page } from "../../patient/page";
import { route } from "../../shared/route";
import { AnyPage } from "./any";
import { DetailsPage } from "./details";
import { DoctorPage } from "./doctor";
import { DonePage } from "./done";
import { HoldBar, isStep } from "./hold-bar";
import { JoinPage } from "./join/join-page";
import { JoinedPage } from "./join/joined";
import { PayPage } from "./pay";
import { Search } from "./search";

/** Readers begin at the new page's start; steps of a booking have a heading that takes the focus. */
function useFocusOnArrival(path: string, isWanted: boolean): void {
  const before = useRef(path);
  useEffect(() => {
    if (before.current !== path && isWanted) document.getElementById("app")?.focus();
    before.current = path;
  }, [path, isWanted]);
}

const DOCTOR = /^\/book\/doctors\/([^/]+)$/;

export function App() {
  const isOnTop = isStep(route.value.path);
  return (
    <Page>
      {isOnTop && <HoldBar />}
      <Step />
      {!isOnTop && <HoldBar />}
    </Page>
  );
}

function Step() {
  const { path, query } = route.value;
  const doctor = DOCTOR.exec(path)?.[1];
  useFocusOnArrival(path, !!doctor || path === "/book" || path === "/book/any");
  if (doctor) return <DoctorPage key={doctor} id={doctor} />;
  // Of everybody at all nobody is found for whatever may be wanted: that is a search.
  if (path === "/book/any" && (query.has("specialty") || query.has("clinicId"))) return <AnyPage />;
  if (path === "/book/details") return <DetailsPage />;
  if (path === "/book/pay") return <PayPage />;
  if (path === "/book/waitlist") return <JoinPage />;
  if (path === "/book/joined") return <JoinedPage />;
  if (path === "/book/done") return <DonePage />;
  return <Search />;
}
