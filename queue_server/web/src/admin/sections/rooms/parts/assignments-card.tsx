import { useState } from "preact/hooks";
import type { DoctorDetail, RoomAssignmentView, RoomView } from "../../../../generated/contract";
import { localDate } from "../../../../shared/dates";
import { Modal } from "../../../../shared/modal";
import { byName } from "../../../../shared/names";
import { longDate } from "../../../../shared/time";
import { isAdmin } from "../../../../staff/account";
import { ask } from "../../../../staff/ask";
import { clinicOf } from "../../../../staff/directory";
import { useDraft } from "../../../../staff/draft";
import { DraftForm } from "../../../../staff/draft-form";
import { SelectField, TextField } from "../../../../staff/fields";
import { useResource } from "../../../../staff/resource";
import { all, post, remove } from "../../../../staff/rest";
import { Loading } from "../../../../staff/states";
import { attempt, tellDone } from "../../../../staff/toasts";
import { history } from "../model/assignments";

interface AssignmentsProps {
  room: RoomView;
  take: (now: RoomView) => void;
  reload: () => Promise<void>;
}

/** Whose room it was, is and will be. */
export function AssignmentsCard({ room, take, reload }: AssignmentsProps) {
  const [isAssigning, setAssigning] = useState(false);
  const found = useResource("doctors", () => all<DoctorDetail>("/api/doctors?limit=200"));
  const doctors = found.value ?? [];
  const nameOf = (id: string): string => doctors.find((one) => one.id === id)?.name ?? "A doctor";
  const worksThere = (one: DoctorDetail): boolean => one.clinicIds.includes(room.clinicId);
  const today = localDate(clinicOf(room.clinicId)?.timezone ?? "UTC");
  const end = async (one: RoomAssignmentView): Promise<void> => {
    const sure = await ask({
      title: `Take ${room.name} from ${nameOf(one.doctorId)}?`,
      text: "The days before today stay in the history.",
      yes: "Take away",
      no: "Keep",
      danger: true,
    });
    if (!sure) return;
    const path = `/api/rooms/${room.id}/assignments/${one.id}`;
    await attempt(() => remove(path).then(reload), `${room.name} is free.`);
  };
  return (
    <section class="card">
      <div class="card-head">
        <h2>Whose room</h2>
        {isAdmin.value && room.active && (
          <button type="button" onClick={() => setAssigning(true)}>
            Assign…
          </button>
        )}
      </div>
      {room.assignments.length === 0 && (
        <p class="hint">Nobody's yet. Assign a doctor who works at this clinic.</p>
      )}
      <ul class="rows">
        {history(room).map((one) => (
          <li key={one.id}>
            <div>
              <strong>{nameOf(one.doctorId)}</strong> <When of={one} today={today} />
              <span class="sub">
                from {longDate(one.from)}{" "}
                {one.until ? `to ${longDate(one.until)}` : "until further notice"}
              </span>
            </div>
            {isAdmin.value && !isOver(one, today) && (
              <button type="button" onClick={() => void end(one)}>
                End<span class="sr-only"> the assignment of {nameOf(one.doctorId)}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      {isAssigning && (
        <Assign
          room={room}
          doctors={found.value && byName(found.value.filter(worksThere))}
          today={today}
          take={take}
          close={() => setAssigning(false)}
        />
      )}
    </section>
  );
}

function isOver({ until }: RoomAssignmentView, today: string): boolean {
  return until !== null && until < today;
}

function When({ of, today }: { of: RoomAssignmentView; today: string }) {
  if (isOver(of, today)) return <span class="chip">Over</span>;
  if (of.from > today) return <span class="chip chip-info">Planned</span>;
  return <span class="chip chip-ok">Now</span>;
}

interface AssignProps {
  room: RoomView;
  /** Null while they are being read. */
  doctors: readonly DoctorDetail[] | null;
  today: string;
  take: (now: RoomView) => void;
  close: () => void;
}

function Assign(props: AssignProps) {
  const { room, doctors, close } = props;
  return (
    <Modal title={`Assign ${room.name}`} onClose={close}>
      {doctors === null && <Loading what="the doctors" />}
      {doctors?.length === 0 && <p>No doctor works at this clinic yet.</p>}
      {doctors !== null && doctors.length > 0 && <AssignForm {...props} doctors={doctors} />}
    </Modal>
  );
}

type AssignFormProps = AssignProps & { doctors: readonly DoctorDetail[] };

function AssignForm({ room, doctors, today, take, close }: AssignFormProps) {
  const draft = useDraft("assign", () => ({
    doctorId: doctors[0]?.id ?? "",
    from: today,
    until: "",
  }));
  return (
    <DraftForm
      draft={draft}
      isNew
      save="Assign"
      onCancel={close}
      onSave={async ({ doctorId, from, until }, key) => {
        const body = { doctorId, from: from || null, until: until || null };
        const path = `/api/rooms/${room.id}/assignments`;
        take(await post<RoomView>(path, body, { key, version: room.version }));
        tellDone(`${room.name} is assigned.`);
        close();
      }}
    >
      <SelectField
        draft={draft}
        name="doctorId"
        label="Doctor"
        options={doctors.map(({ id, name }) => ({ value: id, label: name }))}
      />
      <div class="form-row">
        <TextField draft={draft} name="from" label="From" type="date" />
        <TextField
          draft={draft}
          name="until"
          label="Until"
          type="date"
          hint="Empty: until further notice"
          optional
        />
      </div>
    </DraftForm>
  );
}
