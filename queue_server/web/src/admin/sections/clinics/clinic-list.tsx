import type { ClinicDetail } from "../../../generated/contract";
import { follow } from "../../../shared/route";
import { isAdmin } from "../../../staff/account";
import { clinics } from "../../../staff/directory";
import { countryName } from "../../../staff/model/names";
import { Empty, Loading } from "../../../staff/states";
import { Page } from "../../parts/page";
import { address } from "../../state/address";

/** The clinics of the organisation. */
export function ClinicList() {
  const found = clinics.value;
  return (
    <Page
      title="Clinics"
      lead="Each has its own clock, caps, holidays and queue policy."
      actions={
        isAdmin.value && (
          <a class="button primary" href={address("clinics/new")} onClick={follow}>
            New clinic
          </a>
        )
      }
    >
      {found === null && <Loading what="the clinics" />}
      {found?.length === 0 && (
        <Empty title="There are no clinics yet">
          <p>Doctors, rooms and queues belong to one: begin here.</p>
          {isAdmin.value && (
            <a class="button primary" href={address("clinics/new")} onClick={follow}>
              New clinic
            </a>
          )}
        </Empty>
      )}
      {found && found.length > 0 && <Table clinics={found} />}
    </Page>
  );
}

function Table({ clinics: found }: { clinics: readonly ClinicDetail[] }) {
  return (
    <div class="table-frame">
      <table class="table stacked">
        <caption class="sr-only">Clinics</caption>
        <thead>
          <tr>
            <th scope="col">Clinic</th>
            <th scope="col">Time zone</th>
            <th scope="col">Patients at most</th>
            <th scope="col">Holidays of</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {found.map((clinic) => (
            <tr key={clinic.id}>
              <th scope="row">
                <a class="row-link" href={address(`clinics/${clinic.id}`)} onClick={follow}>
                  {clinic.name}
                </a>
                <span class="sub">{clinic.address}</span>
              </th>
              <td>{clinic.timezone}</td>
              <td>{capWords(clinic)}</td>
              <td>
                <span class="stacked-label">Holidays: </span>
                {clinic.holidays ? countryName(clinic.holidays.country) : "None"}
              </td>
              <td>
                <span class={clinic.active ? "chip chip-ok" : "chip chip-warn"}>
                  {clinic.active ? "Open" : "Closed"}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function capWords({ capacity: { perDay, perWindow } }: ClinicDetail): string {
  const caps = [
    perDay !== null && `${perDay} a day`,
    perWindow !== null && `${perWindow} a window`,
  ];
  return caps.filter(Boolean).join(", ") || "No cap";
}
