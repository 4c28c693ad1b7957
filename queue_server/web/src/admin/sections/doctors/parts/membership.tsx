import { useState } from "preact/hooks";
import type { DoctorDetail } from "../../../../generated/contract";
import { follow } from "../../../../shared/route";
import { ask } from "../../../../staff/ask";
import { post, remove } from "../../../../staff/rest";
import { attempt } from "../../../../staff/toasts";

interface Place {
  id: string;
  name: string;
  note?: string;
}

interface MembershipProps {
  title: string;
  hint: string;
  empty: string;
  noChoice: { text: string; href: string; label: string };
  /** Where places are added, and below which each is removed. */
  path: string;
  /** What the server calls the id of a place. */
  field: string;
  member: DoctorDetail;
  chosen: readonly Place[];
  choices: readonly Place[];
  canChange: boolean;
  reload: () => Promise<void>;
}

/** Clinics or departments of a doctor: each change is saved at once. */
export function Membership(props: MembershipProps) {
  const { title, hint, empty, path, field, member, chosen, choices, canChange, reload } = props;
  const [picked, setPicked] = useState("");
  const [isBusy, setBusy] = useState(false);
  const wanted = choices.find(({ id }) => id === picked) ?? choices[0];

  const change = async (work: () => Promise<unknown>, done: string): Promise<void> => {
    setBusy(true);
    // Told once the page shows it: until then its next change would come with an old version.
    await attempt(() => work().then(reload), done);
    setPicked("");
    setBusy(false);
  };
  const add = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (!wanted) return;
    const body = { [field]: wanted.id };
    await change(() => post(path, body), `${member.name}: ${wanted.name} added.`);
  };
  const drop = async ({ id, name }: Place): Promise<void> => {
    const sure = await ask({
      title: `Take ${member.name} out of ${name}?`,
      text: "Free times there go; appointments that are booked stay until reception moves them.",
      yes: "Take out",
      no: "Keep",
      danger: true,
    });
    if (sure) await change(() => remove(`${path}/${id}`), `${member.name}: ${name} removed.`);
  };
  return (
    <section class="card">
      <h2>{title}</h2>
      <p class="hint">{hint}</p>
      {chosen.length === 0 && <p>{empty}</p>}
      <ul class="rows">
        {chosen.map((place) => (
          <li key={place.id}>
            <span>
              <strong>{place.name}</strong>{" "}
              {place.note && <span class="chip chip-info">{place.note}</span>}
            </span>
            {canChange && (
              <button type="button" disabled={isBusy} onClick={() => void drop(place)}>
                Remove<span class="sr-only"> {place.name}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      {canChange && wanted && (
        <form class="add-line" onSubmit={(event) => void add(event)}>
          <select
            aria-label={`Another of ${title.toLowerCase()}`}
            value={wanted.id}
            onChange={(event) => setPicked(event.currentTarget.value)}
          >
            {choices.map(({ id, name }) => (
              <option key={id} value={id} selected={id === wanted.id}>
                {name}
              </option>
            ))}
          </select>
          <button type="submit" disabled={isBusy}>
            Add<span class="sr-only"> to {title.toLowerCase()}</span>
          </button>
        </form>
      )}
      {canChange && !wanted && (
        <p class="hint">
          {props.noChoice.text}{" "}
          <a href={props.noChoice.href} onClick={follow}>
            {props.noChoice.label}
          </a>
        </p>
      )}
    </section>
  );
}
