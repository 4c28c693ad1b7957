import { useEffect, useState } from "preact/hooks";
import type { DoctorDetail } from "../../../generated/contract";
import { leaveName } from "../../../schedule/model/layers";
import { leaveDates, STATUS } from "../../../schedule/model/leave";
import { counted } from "../../../schedule/model/preview-words";
import { LeaveDetail } from "../../../schedule/parts/leave-detail";
import { LeaveForm } from "../../../schedule/parts/leave-form";
import { LeaveStatusChip } from "../../../schedule/parts/leave-status";
import { zoneOf } from "../../../schedule/state/zones";
import type { Leave } from "../../../schedule/wire";
import { localDate } from "../../../shared/dates";
import { follow } from "../../../shared/route";
import { departments } from "../../../staff/directory";
import { useResource } from "../../../staff/resource";
import { all, query as queryOf } from "../../../staff/rest";
import { Empty, Loaded } from "../../../staff/states";
import { tellDone } from "../../../staff/toasts";
import { Page } from "../../parts/page";
import type { SectionProps } from "../../section";
import { address, filterBy, goTo } from "../../state/address";
import "../../../schedule/schedule.css";
import "../../../schedule/leave.css";

/** Requests for leave, each beside the appointments it hits. */
export default function LeaveSection({ path, query }: SectionProps) {
  const [named] = path;
  const filters = {
    status: query.get("status") ?? "requested",
    doctorId: query.get("doctor") ?? "",
    departmentId: query.get("department") ?? "",
  };
  const status = filters.status === "all" ? "" : filters.status;
  const listAddress = `/api/leave-requests${queryOf({ ...filters, status, limit: 100 })}`;
  const requests = useResource(listAddress, () => all<Leave>(listAddress));
  const doctors = useResource("leave-doctors", () => all<DoctorDetail>("/api/doctors?limit=200"));
  const [isAsking, ask] = useState(false);
  const [decided, setDecided] = useState<Leave | null>(null);

  // Where there is room beside the list, the first request is open without being asked for.
  const [isWide] = useState(() => matchMedia("(min-width: 981px)").matches);
  const chosen = named ?? (isWide ? requests.value?.[0]?.id : undefined);

  // A request that was decided leaves a list of open ones; its answer stays to be read.
  const found = requests.value?.find((one) => one.id === chosen) ?? null;
  useEffect(() => {
    if (found) setDecided(found);
  }, [found]);
  const shown = decided?.id === chosen ? decided : found;

  return (
    <Page
      title="Leave"
      actions={
        <button type="button" class="primary" onClick={() => ask(true)}>
          Ask for leave…
        </button>
      }
    >
      <Filters filters={filters} doctors={doctors.value ?? []} />
      <Loaded of={requests} what="the requests">
        {(list) => (
          <div class={chosen ? "leave-columns leave-columns-chosen" : "leave-columns"}>
            <div class="leave-list">
              <p class="hint" role="status">
                {counted(list.length, "request")}
              </p>
              {list.length === 0 && <NoRequests isOpen={filters.status === "requested"} />}
              <ul>
                {list.map((leave) => (
                  <li key={leave.id}>
                    <RequestLink leave={leave} isChosen={leave.id === chosen} query={query} />
                  </li>
                ))}
              </ul>
            </div>
            {shown && (
              <LeaveDetail
                leave={shown}
                onDecided={(leave) => {
                  setDecided(leave);
                  void requests.reload();
                }}
              />
            )}
          </div>
        )}
      </Loaded>
      {isAsking && doctors.value && (
        <LeaveForm
          doctors={doctors.value}
          today={localDate(zoneOf(null))}
          onAsked={(leave) => {
            ask(false);
            tellDone(`Leave of ${leave.doctorName} asked for.`);
            void requests.reload();
            goTo(`leave/${leave.id}`);
          }}
          onClose={() => ask(false)}
        />
      )}
    </Page>
  );
}

function NoRequests({ isOpen }: { isOpen: boolean }) {
  return (
    <Empty title={isOpen ? "Nothing waits for an answer" : "No such requests"}>
      <p>{isOpen ? "New requests for leave appear here." : "Choose other filters."}</p>
    </Empty>
  );
}

interface RequestLinkProps {
  leave: Leave;
  isChosen: boolean;
  query: URLSearchParams;
}

function RequestLink({ leave, isChosen, query }: RequestLinkProps) {
  const kept = Object.fromEntries(query);
  return (
    <a
      class="leave-link"
      href={address(`leave/${leave.id}`, kept)}
      aria-current={isChosen ? "true" : undefined}
      onClick={follow}
    >
      <span class="leave-link-who">{leave.doctorName}</span>
      <LeaveStatusChip status={leave.status} />
      <span>
        {leaveName(leave.type)}, {leaveDates(leave)}
      </span>
      {leave.hits > 0 && (
        <span class="leave-link-hits">{counted(leave.hits, "appointment")} hit</span>
      )}
    </a>
  );
}

interface FiltersProps {
  filters: { status: string; doctorId: string; departmentId: string };
  doctors: readonly DoctorDetail[];
}

function Filters({ filters, doctors }: FiltersProps) {
  const states = [
    ...Object.entries(STATUS).map(([value, { word }]) => ({ id: value, name: word })),
    { id: "all", name: "All" },
  ];
  return (
    <fieldset class="filters">
      <legend class="sr-only">Which requests</legend>
      <Choice
        label="State"
        value={filters.status}
        options={states}
        onChoose={(status) => filterBy({ status })}
      />
      <Choice
        label="Doctor"
        value={filters.doctorId}
        options={[{ id: "", name: "All doctors" }, ...doctors]}
        onChoose={(doctor) => filterBy({ doctor })}
      />
      <Choice
        label="Department"
        value={filters.departmentId}
        options={[{ id: "", name: "All departments" }, ...(departments.value ?? [])]}
        onChoose={(department) => filterBy({ department })}
      />
    </fieldset>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: readonly { id: string; name: string }[];
  onChoose: (id: string) => void;
}

function Choice({ label, value, options, onChoose }: ChoiceProps) {
  return (
    <label class="filter">
      <span class="small-label">{label}</span>
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {options.map((one) => (
          <option key={one.id} value={one.id} selected={one.id === value}>
            {one.name}
          </option>
        ))}
      </select>
    </label>
  );
}
