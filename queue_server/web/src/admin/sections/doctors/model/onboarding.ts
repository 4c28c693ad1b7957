import type { OnboardingStageView, OnboardingView } from "../../../../generated/contract";

type StageName = OnboardingStageView["name"];

interface StageWords {
  label: string;
  what: string;
  /** The tab of the doctor's page where its checks are mended; none where this page does it. */
  mend?: { tab: string; label: string };
}

export const STAGE_WORDS: Readonly<Record<StageName, StageWords>> = {
  profile: {
    label: "Profile",
    what: "Who the doctor is: description, specialties and languages.",
    mend: { tab: "profile", label: "Complete the profile" },
  },
  credentials: {
    label: "Credentials",
    what: "Degrees and the licence to practise.",
    mend: { tab: "profile", label: "Add qualification and licence" },
  },
  departments: {
    label: "Departments",
    what: "Where the doctor belongs, and who decides about leave.",
    mend: { tab: "places", label: "Choose departments" },
  },
  locations: {
    label: "Clinics",
    what: "Where the doctor sees patients.",
    mend: { tab: "places", label: "Choose clinics" },
  },
  fees: {
    label: "Fees",
    what: "What a visit costs.",
    mend: { tab: "places", label: "Set the fees" },
  },
  availability: {
    label: "Availability",
    what: "The weekly schedule that slots are made from.",
    mend: { tab: "schedule", label: "Set up the schedule" },
  },
  resources: {
    label: "Rooms",
    what: "A room in each clinic that has rooms.",
    mend: { tab: "places", label: "Go to clinics and rooms" },
  },
  compliance: {
    label: "Compliance",
    what: "The licence was looked up and is good.",
  },
  approval: {
    label: "Approval",
    what: "Somebody responsible has looked at all of it.",
  },
  activation: {
    label: "Activation",
    what: "From here on the doctor can be booked.",
  },
};

export const STATUS_WORDS: Readonly<Record<OnboardingStageView["status"], string>> = {
  open: "Waits for earlier steps",
  ready: "Ready to complete",
  blocked: "Blocked",
  done: "Done",
};

/** What a check is about, in words. */
export const CHECK_WORDS: Readonly<Record<string, string>> = {
  profile_complete: "Profile complete",
  licence_verified: "Licence verified",
  fees_configured: "Fees set",
  clinic_assigned: "Works at a clinic",
  specialty_assigned: "Has a specialty",
  base_schedule: "Weekly schedule",
  slots_ahead: "Slots in the next 90 days",
  no_critical_verification_failure: "No critical verification failure",
  status_active: "Active",
  no_forced_block: "No forced block at present",
  description: "Description",
  languages: "Languages",
  qualification: "Qualification",
  licence: "Licence",
  licence_in_date: "Licence in date",
  department_assigned: "Belongs to a department",
  room_in_each_clinic: "A room in each clinic",
  everything_before_holds: "All earlier checks hold",
  verification_begun: "Credentials submitted",
};

/** The step to look at first: the one that can be completed, else the first that is not done. */
export function currentStage(view: OnboardingView): StageName | null {
  const open = view.stages.filter((stage) => stage.status !== "done");
  const next = open.find((stage) => stage.status === "ready") ?? open[0];
  return next?.name ?? null;
}

/** What stands below a step's name: what is in the way first, else where it stands. */
export function stepNote(stage: OnboardingStageView): string {
  if (stage.status !== "blocked") return STATUS_WORDS[stage.status];
  return stage.checks.find((check) => !check.ok)?.reason ?? STATUS_WORDS.blocked;
}

/** What is in the way beyond the step's own checks, which say it themselves: earlier steps. */
export function otherBlockers(stage: OnboardingStageView): string[] {
  const told = new Set(stage.checks.map((check) => check.reason));
  return stage.blockers.filter((blocker) => !told.has(blocker)).map(withLabels);
}

/** Names of stages as people read them. */
function withLabels(sentence: string): string {
  const names = Object.keys(STAGE_WORDS).join("|");
  return sentence.replace(
    new RegExp(`\\b(${names})\\b`, "g"),
    (name) => STAGE_WORDS[name as StageName].label,
  );
}

/** How far onboarding is, in a sentence. */
export function progressSentence(view: OnboardingView): string {
  const done = view.stages.filter((stage) => stage.status === "done").length;
  if (done === view.stages.length) return "Onboarding is complete.";
  const next = currentStage(view);
  const words = next === null ? "" : ` Next: ${STAGE_WORDS[next].label}.`;
  return `${done} of ${view.stages.length} steps done.${words}`;
}
