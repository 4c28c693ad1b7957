import { useState } from "preact/hooks";
import type { AccountView, DepartmentView } from "../../../generated/contract";
import { isAdmin } from "../../../staff/account";
import { clinicName, departments, refreshDepartments } from "../../../staff/directory";
import { useResource } from "../../../staff/resource";
import { all } from "../../../staff/rest";
import { Empty, Loading } from "../../../staff/states";
import { Page } from "../../parts/page";
import { clinicFilter, filterBy } from "../../state/address";
import { DepartmentDialog } from "./department-dialog";

/** Departments: where they are, and who heads them. */
export default function Departments() {
  const [edited, setEdited] = useState<DepartmentView | "new" | null>(null);
  const heads = useHeads();
  const found = departments.value;
  const clinic = clinicFilter.value;
  const shown = found?.filter(
    ({ clinicIds }) => !clinic || clinicIds.length === 0 || clinicIds.includes(clinic),
  );
  return (
    <Page
      title="Departments"
      lead="The head of a department decides about the leave of its doctors."
      actions={
        isAdmin.value && (
          <button type="button" class="primary" onClick={() => setEdited("new")}>
            New department
          </button>
        )
      }
    >
      {shown === undefined && <Loading what="the departments" />}
      {shown?.length === 0 && <NoDepartments isNarrowed={(found ?? []).length > 0} />}
      {shown !== undefined && shown.length > 0 && (
        <Table departments={shown} heads={heads} edit={setEdited} />
      )}
      {edited && (
        <DepartmentDialog
          department={edited === "new" ? null : edited}
          heads={heads}
          close={() => setEdited(null)}
          changed={refreshDepartments}
        />
      )}
    </Page>
  );
}

/** Accounts that may head a department; only admins are told. */
function useHeads(): AccountView[] {
  const isAllowed = isAdmin.value;
  const found = useResource(`heads/${isAllowed}`, async () => {
    if (!isAllowed) return [];
    const roles = ["department_head", "admin"];
    const pages = roles.map((role) => all<AccountView>(`/api/staff?role=${role}&limit=200`));
    return (await Promise.all(pages)).flat().filter((account) => !account.disabled);
  });
  return found.value ?? [];
}

interface TableProps {
  departments: readonly DepartmentView[];
  heads: readonly AccountView[];
  edit: (department: DepartmentView) => void;
}

function Table({ departments: shown, heads, edit }: TableProps) {
  const headName = (id: string | null): string =>
    heads.find((account) => account.id === id)?.name ?? (id === null ? "Nobody yet" : "–");
  return (
    <div class="table-frame">
      <table class="table stacked">
        <caption class="sr-only">Departments</caption>
        <thead>
          <tr>
            <th scope="col">Department</th>
            <th scope="col">Head</th>
            <th scope="col">Clinics</th>
            <th scope="col">
              <span class="sr-only">Change</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((one) => (
            <tr key={one.id}>
              <th scope="row" class="strong">
                {one.name} {!one.active && <span class="chip chip-warn">Closed</span>}
              </th>
              <td>
                <span class="stacked-label">Head: </span>
                {isAdmin.value ? headName(one.headAccountId) : one.headAccountId ? "Named" : "–"}
              </td>
              <td>{one.clinicIds.map(clinicName).join(", ") || "All clinics"}</td>
              <td class="end">
                {isAdmin.value && (
                  <button type="button" onClick={() => edit(one)}>
                    Change<span class="sr-only"> {one.name}</span>
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function NoDepartments({ isNarrowed }: { isNarrowed: boolean }) {
  if (isNarrowed)
    return (
      <Empty title="This clinic has no departments">
        <button type="button" onClick={() => filterBy({ clinic: "" })}>
          Show those of all clinics
        </button>
      </Empty>
    );
  return (
    <Empty title="There are no departments yet">
      <p>
        Doctors can be onboarded without any. Add one to have somebody decide about leave and to
        find doctors by it.
      </p>
    </Empty>
  );
}
