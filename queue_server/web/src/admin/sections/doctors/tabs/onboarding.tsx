import { useEffect, useRef, useState } from "preact/hooks";
import type {
  DoctorDetail,
  OnboardingStageView,
  OnboardingView,
} from "../../../../generated/contract";
import { useResource } from "../../../../staff/resource";
import { get, post } from "../../../../staff/rest";
import { Loaded } from "../../../../staff/states";
import { tellDone } from "../../../../staff/toasts";
import type { DoctorTabProps } from "../../../section";
import { currentStage, progressSentence, STAGE_WORDS, stepNote } from "../model/onboarding";
import { Meter } from "../parts/meter";
import { ScoreDial } from "../parts/score-dial";
import { StageDetail } from "../parts/stage-detail";

/** The ten steps to a bookable doctor: a rail, and the step that is looked at. */
export function OnboardingTab({ doctor, reload }: DoctorTabProps) {
  const path = `/api/doctors/${doctor.id}/onboarding`;
  const found = useResource(path, () => get<OnboardingView>(path));
  const seen = found.value?.version ?? 0;
  // What was recorded meanwhile may have mended a step.
  useEffect(() => {
    if (seen > 0 && doctor.version > seen) void found.reload();
  }, [doctor.version, seen]);
  const complete = async (stage: OnboardingStageView, note: string, key: string): Promise<void> => {
    const body = note.trim() ? { note: note.trim() } : {};
    const version = Math.max(seen, doctor.version);
    const address = `${path}/${stage.name}/complete`;
    found.take(await post<OnboardingView>(address, body, { key, version }));
    await reload();
    tellDone(`Step done: ${STAGE_WORDS[stage.name].label}.`);
  };
  const latest = { ...doctor, version: Math.max(seen, doctor.version) };
  return (
    <Loaded of={found} what="the onboarding">
      {(view) => <Rail doctor={latest} view={view} complete={complete} reload={reload} />}
    </Loaded>
  );
}

interface RailProps {
  doctor: DoctorDetail;
  view: OnboardingView;
  complete: (stage: OnboardingStageView, note: string, key: string) => Promise<void>;
  reload: () => Promise<void>;
}

function Rail({ doctor, view, complete, reload }: RailProps) {
  const [picked, setPicked] = useState<string | null>(null);
  const [hasCompleted, setCompleted] = useState(false);
  const current = currentStage(view);
  const name = picked ?? current ?? view.stages.at(-1)?.name;
  const detail = useRef<HTMLDivElement>(null);
  const look = (step: string): void => {
    setPicked(step);
    setCompleted(false);
    // On a phone it stands below the rail.
    requestAnimationFrame(() => detail.current?.scrollIntoView({ block: "nearest" }));
  };
  const stage = view.stages.find((one) => one.name === name);
  return (
    <div class="onboarding">
      <section class="card onboarding-sum">
        <ScoreDial score={view.score} />
        <div>
          <h2>{progressSentence(view)}</h2>
          <Meter value={view.progress} label="Onboarding done" />
        </div>
      </section>
      <nav class="card rail" aria-label="Steps of onboarding">
        <ol>
          {view.stages.map((one, place) => (
            <li key={one.name} class={`step step-${one.status}`}>
              <button
                type="button"
                aria-current={one === stage ? "step" : undefined}
                onClick={() => look(one.name)}
              >
                <span class="step-mark" aria-hidden="true">
                  {one.status === "done" ? "✓" : one.status === "blocked" ? "!" : place + 1}
                </span>
                <span>
                  {STAGE_WORDS[one.name].label}
                  <span class="sub">{stepNote(one)}</span>
                </span>
              </button>
            </li>
          ))}
        </ol>
      </nav>
      <div ref={detail} class="stage-frame">
        {stage && (
          <StageDetail
            key={stage.name}
            doctor={doctor}
            stage={stage}
            takesFocus={hasCompleted}
            complete={async (note, key) => {
              setCompleted(true);
              await complete(stage, note, key);
              setPicked(null);
            }}
            reload={reload}
          />
        )}
      </div>
    </div>
  );
}
