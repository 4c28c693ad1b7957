import { useEffect, useRef, useState } from "preact/hooks";
import type { DoctorDetail, OnboardingStageView } from "../../../../generated/contract";
import { follow } from "../../../../shared/route";
import { isAdmin } from "../../../../staff/account";
import { useDraft } from "../../../../staff/draft";
import { DraftForm } from "../../../../staff/draft-form";
import { TextField } from "../../../../staff/fields";
import { address } from "../../../state/address";
import { otherBlockers, STAGE_WORDS, STATUS_WORDS } from "../model/onboarding";
import { Checks } from "./checks";
import { Verification } from "./licence-fields";

interface StageProps {
  doctor: DoctorDetail;
  stage: OnboardingStageView;
  /** Whether it follows a step that was just completed, whose button is gone. */
  takesFocus: boolean;
  complete: (note: string, key: string) => Promise<void>;
  reload: () => Promise<void>;
}

const TONES: Readonly<Record<OnboardingStageView["status"], string>> = {
  done: "chip-ok",
  ready: "chip-info",
  blocked: "chip-warn",
  open: "",
};

/** One step: its checks, what is in the way, where to mend it, and the button that completes it. */
export function StageDetail({ doctor, stage, takesFocus, complete, reload }: StageProps) {
  const { label, what, mend } = STAGE_WORDS[stage.name];
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takesFocus) heading.current?.focus();
  }, []);
  const others = otherBlockers(stage);
  const isFailing = stage.checks.some((check) => !check.ok);
  const mayMend = isAdmin.value && mend && (isFailing || stage.status !== "done");
  return (
    <section class="card stage" aria-labelledby="stage-title">
      <div class="card-head">
        <h2 id="stage-title" ref={heading} tabIndex={-1}>
          {label}
        </h2>
        <span class={`chip ${TONES[stage.status]}`}>{STATUS_WORDS[stage.status]}</span>
      </div>
      <p>{what}</p>
      <Checks checks={stage.checks} label={`Checks of ${label}`} />
      {others.length > 0 && (
        <div class="blockers">
          <h3>In the way</h3>
          <ul>
            {others.map((blocker) => (
              <li key={blocker}>{blocker}</li>
            ))}
          </ul>
        </div>
      )}
      {mayMend && (
        <div>
          <a
            class={isFailing ? "button primary" : "button"}
            href={address(`doctors/${doctor.id}/${mend.tab}`)}
            onClick={follow}
          >
            {mend.label}
          </a>
        </div>
      )}
      {stage.name === "compliance" && isAdmin.value && doctor.licence && (
        <Compliance doctor={doctor} reload={reload} isFailing={isFailing} />
      )}
      {stage.completedAt && (
        <p class="hint">Completed on {new Date(stage.completedAt).toLocaleString()}.</p>
      )}
      {stage.status === "ready" && isAdmin.value && <Complete label={label} complete={complete} />}
    </section>
  );
}

interface ComplianceProps {
  doctor: DoctorDetail;
  reload: () => Promise<void>;
  isFailing: boolean;
}

function Compliance({ doctor, reload, isFailing }: ComplianceProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <div>
      <button type="button" class={isFailing ? "primary" : ""} onClick={() => setOpen(true)}>
        Record verification…
      </button>
      {isOpen && <Verification doctor={doctor} reload={reload} close={() => setOpen(false)} />}
    </div>
  );
}

function Complete({ label, complete }: { label: string; complete: StageProps["complete"] }) {
  const draft = useDraft(label, () => ({ note: "" }));
  return (
    <DraftForm
      draft={draft}
      isNew
      label={`Complete ${label}`}
      save={`Complete ${label.toLowerCase()}`}
      saving="Completing…"
      onSave={({ note }, key) => complete(note, key)}
    >
      <TextField draft={draft} name="note" label="Note" maxLength={500} optional />
    </DraftForm>
  );
}
