import { Page } from "../../patient/page";
import { route } from "../../shared/route";
import { DetailsPage } from "./details";
import { DoctorPage } from "./doctor";
import { DonePage } from "./done";
import { HoldBar } from "./hold-bar";
import { PayPage } from "./pay";
import { Search } from "./search";

const DOCTOR = /^\/book\/doctors\/([^/]+)$/;

export function App() {
  return (
    <Page>
      <Step />
      <HoldBar />
    </Page>
  );
}

function Step() {
  const { path } = route.value;
  const doctor = DOCTOR.exec(path)?.[1];
  if (doctor) return <DoctorPage key={doctor} id={doctor} />;
  if (path === "/book/details") return <DetailsPage />;
  if (path === "/book/pay") return <PayPage />;
  if (path === "/book/done") return <DonePage />;
  return <Search />;
}
