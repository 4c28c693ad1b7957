// Made by `python -m queue_server.contract_types` from the views in queue_server/application.
// Do not edit: change the structs and run it again.

/** Who went where when a doctor is absent. */
export interface AbsentResult {
  moved: string[];
  queue: StaffQueue;
  version: number;
}

export interface AccountView {
  id: string;
  tenantId: string;
  email: string;
  name: string;
  role: Role;
  clinicIds: string[];
  doctorId: string | null;
  patientId: string | null;
  disabled: boolean;
  version: number;
}

/** What a command on `/staff` is answered with. */
export interface Acknowledgement {
  ok: boolean;
  version: number | null;
  result: unknown;
  problem: Problem | null;
}

/** A booked patient whose time a change takes away. */
export interface AffectedPatient {
  appointmentId: string;
  patientName: string;
  start: string;
  doctorId: string;
  clinicId: string;
  suggestion: SlotSuggestion | null;
}

/**
 * The appointment behind a tracking link. `greeting` is the patient's own given name, nobody
 * else's.
 */
export interface AppointmentView {
  id: string;
  ticket: string;
  start: string;
  durationMinutes: number;
  visitType: string;
  mode: Mode;
  status: EntryState;
  clinic: ClinicView;
  doctor: DoctorView;
  room: string;
  greeting: string;
  language: string;
}

/** What a window is scored by. */
export type Aspect = "calm" | "hour" | "room" | "wait";

/** What was done with an entry, and by whom; nobody stands for the system. */
export interface AuditView {
  action: string;
  createdBy: PersonView | null;
  notes: string;
  timestamp: string;
}

/** Whether a doctor can be booked, by whom, and why not. */
export interface BookabilityView {
  score: number;
  isBookable: boolean;
  canShowInSearch: boolean;
  canPatientBook: boolean;
  canReceptionistBook: boolean;
  checks: CheckView[];
}

/** An appointment as whoever has booked it sees it, and as staff do. */
export interface BookedAppointmentView {
  appointment: AppointmentView;
  slotId: string | null;
  state: EntryState;
  payment: PaymentView | null;
  canCancelUntil: string;
  mayCancel: boolean;
  mayReschedule: boolean;
  patientId: string;
  followUpOf: string | null;
  cancelReason: string | null;
  trackingUrl: string;
}

export interface BroadcastResult {
  broadcastId: string;
  recipients: number;
  version: number;
}

/** A browser that is pushed to. */
export interface BrowserView {
  id: string;
  service: string;
}

/** A date at one clinic, from midnight to midnight of its clock. */
export interface CalendarDay {
  date: string;
  clinicId: string;
  timezone: string;
  segments: CalendarSegment[];
  slots: SlotCounts;
}

/**
 * A feed of a doctor's or of a patient's appointments; its address is told once, when it is made.
 */
export interface CalendarFeedView {
  id: string;
  doctorId: string | null;
  patientId: string | null;
  createdAt: string;
  isMine: boolean;
}

/** A stretch of a day that is open or closed for one reason. */
export interface CalendarSegment {
  start: string;
  end: string;
  open: boolean;
  kind: string;
  sourceId: string | null;
  explanation: string;
}

/** An appointment that was cancelled, and what becomes of its payment. */
export interface CancelledAppointmentView {
  appointment: AppointmentView;
  payment: PaymentView | null;
}

/**
 * Somebody who waits, beside a time: how well it fits them, or why the list does not offer it to
 * them.
 */
export interface CandidateView {
  entry: StaffEntryView;
  fit: number;
  points: number;
  unfit: Unfit | null;
}

/** Caps of a clinic; None means none. */
export interface Capacity {
  perDay: number | null;
  perWindow: number | null;
}

/**
 * What somebody else has changed since a client looked, and to which version; `by` is null for the
 * system.
 */
export interface ChangeView {
  field: string;
  by: PersonView | null;
  at: string;
  version: number;
}

/** How a message travels. */
export type Channel = "email" | "push" | "sms" | "whatsapp";

/** Through which channels a kind of message is wanted. */
export interface ChannelsView {
  email: boolean;
  sms: boolean;
  whatsapp: boolean;
  push: boolean;
}

/** One condition, whether it holds, and why not (empty when it does). */
export interface CheckView {
  name: string;
  ok: boolean;
  reason: string;
}

/** All doctors of a clinic side by side. */
export interface ClinicCalendarView {
  clinicId: string;
  timezone: string;
  doctors: DoctorDaysView[];
}

/**
 * Dates on which a clinic is closed of its own, and those on which it is open although there is a
 * holiday.
 */
export interface ClinicDaysView {
  closed: ClosedDayView[];
  open: string[];
  version: number;
}

export interface ClinicDetail {
  id: string;
  slug: string;
  name: string;
  timezone: string;
  address: string;
  capacity: Capacity;
  queuePolicy: QueuePolicy;
  holidays: Holidays | null;
  active: boolean;
  version: number;
}

/** `clinic-metrics` on `/realtime/dashboard`: one clinic today, by its own clock. */
export interface ClinicMetrics {
  clinicId: string;
  date: string;
  queueDepth: number;
  avgWaitMinutes: number | null;
  promotionsToday: number;
  expiredCount: number;
  conversionRate: number | null;
  waiting: number;
  inConsultation: number;
  slaBreaches: number;
}

export interface ClinicView {
  id: string;
  name: string;
  timezone: string;
  address: string;
}

/** One clinic's waitlist. */
export interface ClinicWaitlistFigures {
  depth: number;
  joined: number;
  invited: number;
  accepted: number;
  declined: number;
  unanswered: number;
  withdrawn: number;
  promoted: number;
  promotedByHand: number;
  promotedAutomatically: number;
  expired: number;
  cancelled: number;
  avgWaitMinutes: number | null;
  offersPerFill: number | null;
  avgMinutesToFill: number | null;
  conversionRate: number | null;
  clinicId: string;
}

export interface ClosedDayView {
  date: string;
  name: string;
}

/** What everybody is told who asks for a code; `expires_in` in seconds. */
export interface CodeSentView {
  expiresIn: number;
  digits: number;
}

/** Why the time of an appointment is closed. */
export interface ConflictCause {
  kind: string;
  sourceId: string | null;
  explanation: string;
}

export interface Connected {
  clientId: string;
  serverTime: string;
}

/** What a patient may agree to, each for itself. */
export type ConsentKind = "data_sharing" | "messages" | "reminders";

/** When a consent was recorded, and with whose account. */
export interface ConsentRecordView {
  kind: ConsentKind;
  given: boolean;
  recordedAt: string;
  recordedBy: string | null;
}

/** What a patient agrees to now; what they were never asked about they do not agree to. */
export interface ConsentsView {
  messages: boolean;
  reminders: boolean;
  dataSharing: boolean;
}

/** A department; without clinics it belongs to all of them. */
export interface DepartmentView {
  id: string;
  name: string;
  clinicIds: string[];
  headAccountId: string | null;
  active: boolean;
  version: number;
}

/**
 * One ticket as a waiting room reads it. `id` is the display's own, it says nothing about the
 * appointment.
 */
export interface DisplayEntry {
  id: string;
  ticket: string;
  state: EntryState;
  position: number | null;
  room: string;
  calledAt: string | null;
  startedAt: string | null;
  recalls: number;
  estimatedWaitTime: number | null;
  estimatedWaitRange: WaitRange | null;
  estimatedStartAt: string | null;
}

/** The head of a lane as a waiting room reads it. */
export interface DisplayHeader {
  doctor: DoctorView;
  room: string;
  clinicName: string;
  timezone: string;
  date: string;
  paused: boolean;
  closed: boolean;
  delayMinutes: number;
  notices: NoticeView[];
  nowServing: string | null;
  lastCalled: string | null;
  updatedAt: string;
}

/** `queue-patch` for displays; read like a `StaffPatch`. */
export interface DisplayPatch {
  doctorId: string;
  date: string;
  epoch: number;
  fromVersion: number;
  version: number;
  header: DisplayHeader;
  line: string[];
  changed: DisplayEntry[];
  removed: string[];
}

/**
 * `queue-state` for displays: tickets that wait, are called or are being seen; nobody else, and no
 * names.
 */
export interface DisplayQueue {
  doctorId: string;
  date: string;
  epoch: number;
  version: number;
  header: DisplayHeader;
  line: string[];
  entries: DisplayEntry[];
}

/** A doctor's days, clinic by clinic, and what makes them. */
export interface DoctorCalendarView {
  doctorId: string;
  doctorName: string;
  days: CalendarDay[];
  exceptions: ExceptionView[];
  leaves: LeaveView[];
}

/**
 * A date of one doctor at the clinic in short: the hours that are open, and what closes the others.
 */
export interface DoctorDayView {
  date: string;
  openMinutes: number;
  open: CalendarSegment[];
  closed: CalendarSegment[];
  slots: SlotCounts;
}

/** A doctor's row in the calendar of a clinic. */
export interface DoctorDaysView {
  doctorId: string;
  doctorName: string;
  days: DoctorDayView[];
}

/** A doctor's profile. The licence is left out for everybody but admins. */
export interface DoctorDetail {
  id: string;
  name: string;
  status: DoctorStatus;
  bio: string;
  specialtyLabel: string;
  specialties: string[];
  qualifications: QualificationView[];
  languages: string[];
  modes: Mode[];
  fees: FeesView | null;
  licence?: LicenceView | null;
  departmentIds: string[];
  clinicIds: string[];
  homeClinicId: string | null;
  room: string;
  ticketPrefix: string | null;
  publicProfileVisible: boolean;
  acceptsOnlineBookings: boolean;
  onboardingProgress: number;
  score: number;
  isBookable: boolean;
  version: number;
}

/** Where a doctor stands with the organisation. */
export type DoctorStatus = "active" | "draft" | "inactive" | "pending_verification";

export interface DoctorView {
  id: string;
  name: string;
  specialty: string;
}

/** Where an entry stands. */
export type EntryState =
  | "called"
  | "cancelled"
  | "completed"
  | "expected"
  | "in_consultation"
  | "no_show"
  | "waiting";

/** Which room it stood in, from when until when; null: it stands there now. */
export interface EquipmentAssignmentView {
  id: string;
  roomId: string;
  from: string;
  until: string | null;
}

/** What kind of device it is. */
export type EquipmentType =
  | "dental_unit"
  | "ecg"
  | "examination_table"
  | "infusion"
  | "laboratory"
  | "monitor"
  | "other"
  | "telehealth"
  | "therapy"
  | "ultrasound"
  | "x_ray";

export interface EquipmentView {
  id: string;
  clinicId: string;
  roomId: string | null;
  name: string;
  type: EquipmentType;
  active: boolean;
  maintenance: MaintenanceView[];
  assignments: EquipmentAssignmentView[];
  version: number;
}

/** Why a stretch of time is closed, whatever the schedule says. */
export type ExceptionKind = "emergency" | "forced_block" | "holiday";

/** A stretch of time that is closed; at every clinic of the doctor when `clinicId` is null. */
export interface ExceptionView {
  id: string;
  doctorId: string;
  clinicId: string | null;
  kind: ExceptionKind;
  start: string;
  end: string;
  reason: string | null;
  preview: SlotPreview | null;
}

/** Everything that is kept of a patient and of those they act for. */
export interface ExportView {
  exportedAt: string;
  patient: PatientDetailsView;
  family: PatientDetailsView[];
  account: ExportedAccount | null;
  appointments: ExportedAppointment[];
  payments: ExportedPayment[];
  waitlist: ExportedWait[];
  messages: ExportedMessage[];
  preferences: ExportedPreference[];
  quietHours: ExportedHours | null;
  browsers: ExportedBrowser[];
  notes: string[];
}

/** How a patient signs in. */
export interface ExportedAccount {
  id: string;
  email: string | null;
  contacts: string[];
  createdAt: string;
}

/** An appointment as it is handed out. */
export interface ExportedAppointment {
  id: string;
  patientId: string;
  clinic: string;
  doctor: string;
  start: string;
  durationMinutes: number;
  visitType: string;
  mode: Mode;
  state: EntryState | null;
  ticket: string | null;
  bookedAt: string;
  paidAt: string | null;
}

/** A browser that takes pushes, by the address that its maker has given it. */
export interface ExportedBrowser {
  endpoint: string;
}

/** When somebody is not to be woken, by the clock of the zone, or of the clinic that writes. */
export interface ExportedHours {
  start: string;
  end: string;
  timezone: string | null;
}

/** A message that was sent or is to be sent. */
export interface ExportedMessage {
  kind: string;
  channel: string;
  recipient: string;
  state: string;
  createdAt: string;
  endedAt: string | null;
}

/**
 * What was to be paid for an appointment, or for a time that was never booked, in minor units of
 * the currency, and what became of it.
 */
export interface ExportedPayment {
  id: string;
  appointmentId: string | null;
  status: string;
  amount: number;
  currency: string;
  createdAt: string;
  paidAt: string | null;
  refundedAt: string | null;
}

/** Whether somebody wants a kind of message through a channel. */
export interface ExportedPreference {
  kind: string;
  channel: string;
  wanted: boolean;
}

/** What somebody waits or waited for on a waitlist; what they have noted is among the notes. */
export interface ExportedWait {
  id: string;
  patientId: string;
  clinic: string;
  doctor: string | null;
  status: WaitlistStatus;
  visitType: string;
  urgency: Urgency;
  windowStart: string | null;
  windowEnd: string | null;
  joinedAt: string;
  endedAt: string | null;
  appointmentId: string | null;
}

/** How evenly waiting was spread, each wait in units of its target. */
export interface FairnessFigures {
  waits: number;
  jain: number | null;
  gini: number | null;
  longest: number | null;
  insideTarget: number | null;
}

/** Of some people: all of them together, by tier, by urgency. */
export interface FairnessGroup {
  overall: FairnessFigures;
  byTier: TierFairness[];
  byUrgency: UrgencyFairness[];
}

/** Minor units of the currency. */
export interface FeesView {
  currency: string;
  consultation: number;
  followUp: number | null;
  tele: number | null;
}

/** A hit of the desk's patient search: a person and, if there is one, today's place. */
export interface FoundAppointment {
  patient: PatientView;
  appointmentId: string | null;
  doctorId: string | null;
  doctorName: string | null;
  start: string | null;
  ticket: string | null;
  state: EntryState | null;
}

/** How many times of a day can be booked; `more`: at least so many. */
export interface FreeDayView {
  date: string;
  free: number;
  more: boolean;
}

/** How many doctors' slots are being generated now. */
export interface GenerationView {
  doctors: number;
}

/** A hold, with what a guest shows that it is theirs; once, when it is their first. */
export interface GuestHoldView {
  holdId: string;
  expiresAt: string;
  mode: Mode;
  renewable: boolean;
  slot: SlotView;
  sessionToken?: string;
}

/** A place that is kept for whoever asked, until `expires_at`. */
export interface HoldView {
  holdId: string;
  expiresAt: string;
  mode: Mode;
  renewable: boolean;
  slot: SlotView;
}

/** A public holiday; `open` when the clinic works nevertheless. */
export interface HolidayView {
  date: string;
  name: string;
  open: boolean;
}

/**
 * Whose public holidays a clinic keeps: a country (ISO 3166-1 alpha-2), and a part of it or all of
 * it.
 */
export interface Holidays {
  country: string;
  region: string | null;
}

/** A time that is offered and held until it has to be answered. */
export interface InviteView {
  slotId: string;
  doctorId: string;
  start: string;
  mode: Mode;
  respondBy: string;
}

/** The external identity provider that a tenant trusts. */
export interface IssuerView {
  issuer: string;
  audience: string;
  jwksUri: string;
  algorithms: string[];
  updatedAt: string;
}

/** A job that has failed: tried again later, or given up. */
export interface JobFailureView {
  kind: string;
  key: string;
  state: "dead" | "ready";
  attempts: number;
  dueAt: string;
  failedAt: string | null;
  reason: string;
}

/** How the work of one kind stands. */
export interface JobKindView {
  kind: string;
  ready: number;
  due: number;
  running: number;
  retrying: number;
  retries: number;
  dead: number;
  oldestSeconds: number;
}

/** The work of an organisation. */
export interface JobsView {
  kinds: JobKindView[];
  failures: JobFailureView[];
}

/** What a message is about. */
export type Kind =
  | "ahead"
  | "booked"
  | "called"
  | "cancelled"
  | "delay"
  | "emergency"
  | "manual"
  | "reminder"
  | "sign_in_code"
  | "waitlist_cancelled"
  | "waitlist_expired"
  | "waitlist_invited"
  | "waitlist_joined"
  | "waitlist_promoted"
  | "waitlist_reminder";

/** A doctor as the desk lists them. */
export interface LaneDoctor {
  id: string;
  name: string;
  specialty: string;
  room: string;
  clinicId: string;
  clinicName: string;
  ticketPrefix: string;
}

/** Where somebody who comes late is put. */
export type LatePolicy = "behind_two" | "key";

/** Where a request for leave stands. */
export type LeaveStatus = "approved" | "cancelled" | "rejected" | "requested";

/** What kind of leave it is. */
export type LeaveType =
  | "annual"
  | "compassionate"
  | "conference"
  | "other"
  | "parental"
  | "sick"
  | "study"
  | "unpaid";

/**
 * A request for leave. `hits`: how many appointments lie in it. `mayDecide`, `mayCancel`: whether
 * who asks may.
 */
export interface LeaveView {
  id: string;
  doctorId: string;
  doctorName: string;
  type: LeaveType;
  first: string;
  last: string;
  start: string | null;
  end: string | null;
  status: LeaveStatus;
  reason: string | null;
  requestedBy: PersonView | null;
  requestedAt: string;
  decidedBy: PersonView | null;
  decidedAt: string | null;
  decisionReason: string | null;
  hits: number;
  mayDecide: boolean;
  mayCancel: boolean;
  version: number;
  preview: SlotPreview | null;
}

/** Only admins are shown one. */
export interface LicenceView {
  number: string;
  authority: string;
  validUntil: string | null;
  verification: Verification;
  critical: boolean;
}

/**
 * A time in which something is not to be used; one that is finished ended at `finishedAt` if that
 * was earlier.
 */
export interface MaintenanceView {
  id: string;
  start: string;
  end: string;
  reason: string;
  finishedAt: string | null;
}

/** To how many people something was written; the log shows what becomes of each message. */
export interface ManualView {
  recipients: number;
}

/** A message, without what it says. */
export interface MessageView {
  id: string;
  kind: Kind;
  channel: Channel;
  recipient: string;
  language: string;
  state: State;
  attempts: number;
  reason: string | null;
  patientId: string | null;
  patientName: string | null;
  clinicId: string | null;
  sentBy: string | null;
  createdAt: string;
  endedAt: string | null;
  expiresAt: string | null;
}

/** How patient and doctor meet. */
export type Mode = "in_person" | "tele";

/** A new feed. Whoever has the address sees what it shows, until it is withdrawn. */
export interface NewCalendarFeedView {
  id: string;
  doctorId: string | null;
  patientId: string | null;
  createdAt: string;
  isMine: boolean;
  url: string;
}

export interface NoShowResult {
  result: string;
  deadline: string | null;
  queue: StaffQueue;
  version: number;
}

/** A broadcast in force. */
export interface NoticeView {
  broadcastId: string;
  message: string;
  priority: Priority;
  estimatedDelay: number | null;
  issuedAt: string;
  until: string;
}

/** A time that is offered; whoever has the token answers it. */
export interface OfferView {
  token: string;
  waitlistId: string;
  start: string;
  mode: Mode;
  respondBy: string;
  since: string;
  doctor: DoctorView;
  clinic: ClinicView;
}

/** A stage of onboarding; they are done in this order. */
export type OnboardingStage =
  | "activation"
  | "approval"
  | "availability"
  | "compliance"
  | "credentials"
  | "departments"
  | "fees"
  | "locations"
  | "profile"
  | "resources";

/**
 * A stage of onboarding; blockers are the reasons of what fails, and the earlier stages that are
 * not done.
 */
export interface OnboardingStageView {
  name: OnboardingStage;
  status: StageStatus;
  checks: CheckView[];
  blockers: string[];
  completedAt: string | null;
  completedBy: string | null;
}

/** How far a doctor's onboarding is, in percent, and the score of their bookability. */
export interface OnboardingView {
  doctorId: string;
  progress: number;
  score: number;
  stages: OnboardingStageView[];
  version: number;
}

/** Two appointments of one window that want the doctor at the same time. */
export interface Overlap {
  first: string;
  second: string;
  start: string;
  end: string;
  minutes: number;
}

export interface OverlapsView {
  overlaps: Overlap[];
  queue: StaffEntry[];
}

/** A sitting on one date. */
export interface OverrideSittingView {
  start: string;
  end: string;
  endsNextDay: boolean;
  slotMinutes: number;
  bufferMinutes: number;
  inPerson: number;
  tele: number;
  total: number;
  roomId: string | null;
  equipmentIds: string[];
}

/** Other hours on one date. */
export interface OverrideView {
  id: string;
  scheduleId: string;
  date: string;
  sittings: OverrideSittingView[];
  reason: string | null;
}

/** An entry as its patient sees it. */
export interface OwnEntryView {
  id: string;
  tenantId: string;
  clinicId: string;
  doctorId: string | null;
  patientId: string;
  status: WaitlistStatus;
  position: number | null;
  priorityScore: number;
  scoreReasons: ScoreReasonView[];
  requestedWindow: RequestedWindowView;
  mode: Mode | null;
  visitType: string;
  urgency: Urgency;
  shortNotice: boolean;
  notes: string;
  metadata: Record<string, string>;
  expiresAt: string;
  deferredUntil: string | null;
  invite: InviteView | null;
  promotedAppointmentId: string | null;
  createdAt: string;
  updatedAt: string;
  version: number;
  link?: string;
}

/** An entry as its patient sees it now. */
export interface OwnWaitlistEntry {
  entry: OwnEntryView;
  inviteUrl: string | null;
}

/**
 * `waitlist-update` to patients: something about an entry that they follow has changed, its place
 * included.
 */
export interface OwnWaitlistUpdate {
  data: OwnWaitlistEntry;
}

/**
 * Acknowledgement of `watch-waitlist`, and what is told with `waitlist-watched`: every entry that
 * is followed.
 */
export interface OwnWaitlistWatching {
  watching: boolean;
  entries: OwnWaitlistEntry[];
}

/** When in the day a slot starts. */
export type PartOfDay = "afternoon" | "evening" | "morning" | "night";

/** A patient's particulars. The name is empty until somebody has said it. */
export interface PatientDetailsView {
  id: string;
  name: string;
  phone: string | null;
  email: string | null;
  language: string;
  birthDate: string | null;
  tier: Tier;
  conditions: string[];
  consents: ConsentsView;
  consentRecords: ConsentRecordView[];
  guardianId: string | null;
  clinicId: string | null;
  createdAt: string;
  version: number;
}

export interface PatientView {
  id: string;
  name: string;
  phone: string | null;
  email: string | null;
  language: string;
}

/** How a payment stands. */
export type PaymentStatus =
  | "cancelled"
  | "failed"
  | "paid"
  | "pending"
  | "refund_pending"
  | "refunded";

/** What is owed for a visit and how that stands. `amount` is in minor units of `currency`. */
export interface PaymentView {
  id: string;
  appointmentId: string | null;
  holdId: string | null;
  status: PaymentStatus;
  amount: number;
  currency: string;
  provider: string;
  payUrl: string | null;
  expiresAt: string | null;
  createdAt: string;
  paidAt: string | null;
  refundedAt: string | null;
}

export interface PeakHour {
  hour: string;
  appointments: number;
}

/** Somebody of the staff, by the account they sign in with. */
export interface PersonView {
  id: string;
  name: string;
}

/**
 * One moment at which a patient's place changed; `reason` is a stable word, `explanation` a
 * sentence.
 */
export interface PlaceChange {
  at: string;
  version: number;
  was: number | null;
  now: number | null;
  reason: string;
  explanation: string;
}

/** How many patients can still be booked; nobody in person by video, nor the reverse. */
export interface PlacesView {
  inPerson: number;
  tele: number;
}

/** What somebody wants to be told; may be sent back as it is. */
export interface PreferencesView {
  waitlistJoined: ChannelsView;
  waitlistInvited: ChannelsView;
  waitlistReminders: ChannelsView;
  waitlistPromoted: ChannelsView;
  waitlistExpired: ChannelsView;
  waitlistCancelled: ChannelsView;
  booked: ChannelsView;
  reminder: ChannelsView;
  called: ChannelsView;
  ahead: ChannelsView;
  delay: ChannelsView;
  emergency: ChannelsView;
  cancelled: ChannelsView;
  manual: ChannelsView;
  quietHours: QuietHours | null;
  timezone: string | null;
  language: string;
}

/** Where somebody stands, and where they would. */
export interface PreviewPlace {
  id: string;
  patientName: string;
  now: number;
  then: number;
  points: number;
}

/** A template with sample values in it. */
export interface PreviewView {
  subject: string;
  text: string;
  html: string | null;
  characters: number;
  textParts: number | null;
}

/** How urgent a broadcast is. */
export type Priority = "critical" | "high" | "low" | "normal";

/** What counts how much, in points; a day of routine waiting is `wait_time` points. */
export interface PriorityWeights {
  waitTime: number;
  membershipLevel: number;
  chronicCondition: number;
  windowFit: number;
}

/**
 * RFC 9457 problem document. `changes` comes with 412 where it is known what others have changed,
 * `entryId` where somebody waits already.
 */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  errors: Record<string, string>[];
  changes?: ChangeView[];
  entryId?: string;
}

/** The key that browsers know us by (`applicationServerKey`, RFC 8292). */
export interface PushKeyView {
  publicKey: string;
}

/** A degree or certificate. */
export interface QualificationView {
  id: string;
  title: string;
  institution: string;
  year: number | null;
}

export interface QueueBroadcast {
  reason: string;
  doctorId: string;
  date: string;
  epoch: number;
  version: number;
  nowServing: string | null;
}

/** `data` of every desk command. */
export interface QueueCommandResult {
  queue: StaffQueue;
  version: number;
}

/** The head of a lane: everything but the entries. */
export interface QueueHeader {
  doctor: DoctorView;
  room: string;
  clinicId: string;
  clinicName: string;
  timezone: string;
  date: string;
  paused: boolean;
  closed: boolean;
  delayMinutes: number;
  blockedUntil: string | null;
  notices: NoticeView[];
  nowServing: string | null;
  lastCalled: string | null;
  usualMinutes: number;
  undo: UndoView[];
  policy: QueuePolicy;
  updatedAt: string;
}

export interface QueueJoined {
  roomId: string;
  recovered: boolean;
  data: TrackedView;
}

/**
 * The queue policy of a clinic; durations in minutes. A queue keeps the window length it opened
 * with.
 */
export interface QueuePolicy {
  windowMinutes: number;
  graceMinutes: number;
  earlyMax: number;
  lateAfter: number;
  releaseAfter: number;
  latePolicy: LatePolicy;
  skipBehind: number;
  skipMax: number;
  holdsPerPatient: number;
  cancelDeadlineMinutes: number;
  slaWaitMinutes: number;
}

export interface QueueStatus {
  data: TrackedView;
}

export interface QueueUpdate {
  data: QueueUpdateData;
}

export interface QueueUpdateData {
  queue: QueueView;
}

/**
 * A patient's own view of the queue. `position` is None once the entry has left the line for good.
 */
export interface QueueView {
  position: number | null;
  total: number;
  ahead: number | null;
  estimatedWaitTime: number | null;
  estimatedWaitRange: WaitRange | null;
  estimatedStartAt: string | null;
  arriveBy: string | null;
  state: EntryState;
  queueStatus: string;
  prompted: boolean;
  lastCalled: string | null;
  delayMinutes: number;
  paused: boolean;
  closed: boolean;
  graceUntil: string | null;
  notices: NoticeView[];
  window: string;
  epoch: number;
  version: number;
  updatedAt: string;
}

/**
 * Who follows a queue on a phone at present. A phone with two tabs counts as two phones and one
 * entry.
 */
export interface QueueWatchers {
  doctorId: string;
  date: string;
  phones: number;
  entries: string[] | null;
}

/**
 * When nobody is woken by a message, by the patient's clock; over midnight if the end is the
 * earlier one.
 */
export interface QuietHours {
  start: string;
  end: string;
}

/**
 * How many requests are taken a minute, and how many messages are sent; may be sent back as it is.
 */
export interface RateLimitsView {
  addressReadsPerMinute: number;
  addressWritesPerMinute: number;
  userWritesPerMinute: number;
  userReadsPerMinute: number;
  tenantReadsPerMinute: number;
  tenantWritesPerMinute: number;
  emailMessagesPerMinute: number;
  smsMessagesPerMinute: number;
  whatsappMessagesPerMinute: number;
  pushMessagesPerMinute: number;
}

/**
 * What speaks for a window or against it, as a stable word: readers have sentences of their own.
 */
export type Reason =
  | "all_free"
  | "at_hour"
  | "crowded"
  | "near_hour"
  | "no_wait"
  | "nobody_booked"
  | "some_free"
  | "some_taken"
  | "wait";

/** What gives points. */
export type ReasonCode =
  | "chronic_condition"
  | "membership"
  | "overdue"
  | "urgency"
  | "waited"
  | "window_fit";

/** What was taken away, or would be. */
export interface Removed {
  id: string;
  preview: SlotPreview | null;
}

/** When somebody would like to come. */
export interface RequestedWindowView {
  start: string | null;
  end: string | null;
  partsOfDay: PartOfDay[];
}

/** How many messages are sent again. */
export interface ResentView {
  resent: number;
  isAll: boolean;
}

/** How many jobs that were given up are done again. */
export interface RetriedView {
  retried: number;
}

/** A role of an account, within one tenant. */
export type Role =
  | "admin"
  | "department_head"
  | "display"
  | "doctor"
  | "patient"
  | "platform_admin"
  | "receptionist";

/** Whose room it is, from a date up to and including another; null: until further notice. */
export interface RoomAssignmentView {
  id: string;
  doctorId: string;
  from: string;
  until: string | null;
}

/** What a room is for. */
export type RoomType =
  | "consultation"
  | "examination"
  | "imaging"
  | "laboratory"
  | "other"
  | "procedure"
  | "telehealth"
  | "therapy";

export interface RoomView {
  id: string;
  clinicId: string;
  name: string;
  type: RoomType;
  active: boolean;
  equipmentIds: string[];
  maintenance: MaintenanceView[];
  assignments: RoomAssignmentView[];
  version: number;
}

/** A weekly schedule. `preview` is there when it was only tried: then nothing was kept. */
export interface ScheduleView {
  id: string;
  doctorId: string;
  clinicId: string;
  effectiveFrom: string;
  effectiveUntil: string | null;
  ended: boolean;
  sittings: SittingView[];
  overrides: OverrideView[];
  version: number;
  preview: SlotPreview | null;
}

/** One part of a score. */
export interface ScoreReasonView {
  code: ReasonCode;
  points: number;
  days: number | null;
}

/** `data` of login and refresh; `expires_in` in seconds. */
export interface SignedIn {
  accessToken: string;
  refreshToken: string;
  expiresIn: number;
  user: AccountView;
}

/**
 * A sitting of every week. `end` is on the day after when `endsNextDay`; midnight is 00:00 of that
 * day.
 */
export interface SittingView {
  weekday: number;
  start: string;
  end: string;
  endsNextDay: boolean;
  slotMinutes: number;
  bufferMinutes: number;
  inPerson: number;
  tele: number;
  total: number;
  roomId: string | null;
  equipmentIds: string[];
}

/**
 * A booking: the appointment with its ticket, the slot as it is now (for staff with all they see of
 * one), and the patient's tracking link.
 */
export interface SlotBookingView {
  appointment: AppointmentView;
  slot: SlotView;
  trackingToken: string;
  trackingUrl: string;
  payment: PaymentView | null;
}

/** How many patients a slot takes, or has taken. */
export interface SlotCapacityView {
  inPerson: number;
  tele: number;
  total: number;
}

/**
 * What happened to a slot (`slot_availability_changed`, `hold_created`, `hold_released` or
 * `slot_booked`), and how it is now.
 */
export interface SlotChangeView {
  slotId: string;
  doctorId: string;
  clinicId: string;
  start: string;
  date: string;
  status: SlotStatus;
  remaining: PlacesView;
  version: number;
  expiresAt?: string;
  event: string;
}

/**
 * What has happened to a doctor's slots since a cursor, each slot once, as it is now. `cursor` is
 * what to ask with next. `lookAgain`: so much has happened, or the cursor is so old, that the
 * changes are not told one by one. `pauseSeconds`: wait so long before asking again.
 */
export interface SlotChangesView {
  cursor: string;
  changes: SlotChangeView[];
  lookAgain: boolean;
  pauseSeconds: number;
}

/** A booked appointment whose time is closed by now: work for reception. */
export interface SlotConflictView {
  appointmentId: string;
  patientName: string;
  patientPhone: string | null;
  doctorId: string;
  doctorName: string;
  clinicId: string;
  start: string;
  mode: Mode;
  cause: ConflictCause;
  suggestion: SlotSuggestion | null;
}

/**
 * How many slots there are: `booked` have somebody in them, `free` still take somebody, in person
 * or by video.
 */
export interface SlotCounts {
  total: number;
  free: number;
  booked: number;
  blocked: number;
  freeInPerson: number;
  freeTele: number;
}

/**
 * How far ahead slots are generated, and how long before its start a patient may still book one.
 */
export interface SlotPolicyView {
  horizonDays: number;
  leadMinutes: number;
  version: number;
}

export interface SlotPosition {
  slotPosition: number | null;
  slotTotal: number;
  window: string;
  position: number | null;
}

/** What a change does to the slots that are made already. */
export interface SlotPreview {
  slotsAdded: number;
  slotsRemoved: number;
  slotsKept: number;
  patientsAffected: AffectedPatient[];
}

/** Many slots between two dates may have changed: look again. Of any doctor, if none is named. */
export interface SlotRangeView {
  doctorId: string | null;
  from: string;
  to: string;
}

/**
 * How a slot is now, in few words; of two about the same slot the one with the higher version
 * counts. `expiresAt`: until when the hold that is meant, or else the first of the slot's holds,
 * keeps its place.
 */
export interface SlotStateView {
  slotId: string;
  doctorId: string;
  clinicId: string;
  start: string;
  date: string;
  status: SlotStatus;
  remaining: PlacesView;
  version: number;
  expiresAt?: string;
}

/** Whether a slot can be booked, and why not. */
export type SlotStatus = "blocked" | "free" | "full" | "held" | "past" | "withdrawn";

/**
 * The nearest slot that would do instead: with the same doctor if there is one, else with a
 * colleague.
 */
export interface SlotSuggestion {
  slotId: string;
  doctorId: string;
  doctorName: string;
  start: string;
}

/** A slot as everybody may see it. */
export interface SlotView {
  id: string;
  doctorId: string;
  doctorName: string;
  clinicId: string;
  start: string;
  end: string;
  date: string;
  partOfDay: PartOfDay;
  remaining: PlacesView;
  status: SlotStatus;
  roomId: string | null;
  version: number;
}

export interface SocketError {
  code: string;
  message: string;
  retryable: boolean;
}

/** A specialty that doctors can be searched by. */
export interface SpecialtyView {
  code: string;
  label: string;
}

/** One entry as reception sees it. */
export interface StaffEntry {
  id: string;
  ticket: string;
  name: string | null;
  phone: string | null;
  start: string;
  durationMinutes: number;
  visitType: string;
  mode: Mode;
  triage: number;
  state: EntryState;
  position: number | null;
  clinicId: string;
  clinicName: string;
  room: string;
  window: string;
  pinned: boolean;
  late: boolean;
  early: boolean;
  walkIn: boolean;
  callable: boolean;
  passedOver: boolean;
  arrivedAt: string | null;
  calledAt: string | null;
  startedAt: string | null;
  endedAt: string | null;
  graceUntil: string | null;
  promptedAt: string | null;
  skips: number;
  recalls: number;
  overtakes: Record<string, number>;
  estimatedWaitTime: number | null;
  estimatedWaitRange: WaitRange | null;
  estimatedStartAt: string | null;
}

/** An entry as staff see it. */
export interface StaffEntryView {
  id: string;
  tenantId: string;
  clinicId: string;
  doctorId: string | null;
  patientId: string;
  status: WaitlistStatus;
  position: number | null;
  priorityScore: number;
  scoreReasons: ScoreReasonView[];
  requestedWindow: RequestedWindowView;
  mode: Mode | null;
  visitType: string;
  urgency: Urgency;
  shortNotice: boolean;
  notes: string;
  metadata: Record<string, string>;
  expiresAt: string;
  deferredUntil: string | null;
  invite: InviteView | null;
  promotedAppointmentId: string | null;
  createdAt: string;
  updatedAt: string;
  version: number;
  link?: string;
  patientName: string;
  patientPhone: string | null;
  tier: Tier;
  isChronic: boolean;
  isOverdue: boolean;
  overrideReason: string | null;
  audit: AuditView[];
}

/**
 * `queue-patch`: from `from_version` to `version`; a client that holds another version asks for the
 * state.
 */
export interface StaffPatch {
  doctorId: string;
  date: string;
  epoch: number;
  fromVersion: number;
  version: number;
  header: QueueHeader;
  line: string[];
  changed: StaffEntry[];
  removed: string[];
}

/**
 * `queue-state`: a whole queue. `line` holds the ids of those in line, in order; `entries`
 * everybody of the day.
 */
export interface StaffQueue {
  doctorId: string;
  date: string;
  epoch: number;
  version: number;
  header: QueueHeader;
  line: string[];
  entries: StaffEntry[];
}

/**
 * A slot as staff see it. `by_hand`: somebody has set its capacity, so generation leaves it alone.
 */
export interface StaffSlotView {
  id: string;
  doctorId: string;
  doctorName: string;
  clinicId: string;
  start: string;
  end: string;
  date: string;
  partOfDay: PartOfDay;
  remaining: PlacesView;
  status: SlotStatus;
  roomId: string | null;
  version: number;
  equipmentIds: string[];
  scheduleId: string;
  capacity: SlotCapacityView;
  taken: SlotCapacityView;
  byHand: boolean;
  blockReason: string | null;
}

/** An entry as staff see it now. */
export interface StaffWaitlistEntry {
  entry: StaffEntryView;
}

/**
 * `waitlist-update` to staff: somebody joined, was offered a time, answered, left, or waits for
 * something else.
 */
export interface StaffWaitlistUpdate {
  data: StaffWaitlistEntry;
}

/** Where a stage stands: `blocked` by its own checks, `open` behind earlier stages. */
export type StageStatus = "blocked" | "done" | "open" | "ready";

/** What became of a message. */
export type State = "dead" | "expired" | "passed_on" | "queued" | "sent";

/**
 * Figures of one queue; rates between 0 and 1, waits and durations in minutes (None before the
 * first one).
 */
export interface StatisticsView {
  totalAppointments: number;
  completed: number;
  waiting: number;
  noShows: number;
  noShowRate: number;
  averageWaitTime: number | null;
  medianWaitTime: number | null;
  p90WaitTime: number | null;
  peakHours: PeakHour[];
  earlyArrivals: number;
  averageEarlyMinutes: number | null;
  lateArrivals: number;
  overtakes: number;
  averageConsultationTime: number | null;
}

/** What happened to an entry, as its patient is told. */
export type Step =
  | "cancelled"
  | "declined"
  | "deferred"
  | "edited"
  | "expired"
  | "joined"
  | "offered"
  | "placed"
  | "promoted"
  | "resumed"
  | "unanswered"
  | "withdrawn";

/** One step of an entry's way. */
export interface StepView {
  what: Step;
  at: string;
  start: string | null;
  until: string | null;
}

/** Whose pages these are, and what can be chosen on them. */
export interface StorefrontView {
  tenantId: string;
  name: string;
  clinics: ClinicView[];
  specialties: SpecialtyView[];
  languages: string[];
}

/**
 * A window that suits. `priorityScore` is the share of its points, in percent; `freeSlots` is null
 * on a day without slots; `overlaps` counts pairs of appointments that want the doctor at the same
 * time.
 */
export interface Suggestion {
  timeSlot: string;
  start: string;
  end: string;
  currentAppointments: number;
  freeSlots: number | null;
  overlaps: number;
  estimatedWaitTime: number;
  estimatedWaitRange: WaitRange;
  priorityScore: number;
  reasons: string[];
  points: SuggestionPoints[];
}

/**
 * What a window earns in one respect (`room`, `wait`, `calm`, `hour`), of how many points, and why.
 * `reason` is a sentence, `code` the same as a stable word (null when there is nothing to say), and
 * `numbers` what belongs into it: `free`, `taken`, `places`, `minutes`, `pairs`.
 */
export interface SuggestionPoints {
  aspect: Aspect;
  points: number;
  of: number;
  reason: string;
  code: Reason | null;
  numbers: Record<string, number>;
}

export interface SuggestionsView {
  suggestions: Suggestion[];
}

/** Within how many days whom should be seen, by urgency. */
export interface TargetDays {
  routine: number;
  soon: number;
  urgent: number;
}

/** What a kind of message says in a language and channel. */
export interface TemplateView {
  kind: Kind;
  language: string;
  channel: Channel;
  name: string;
  subject: string;
  body: string;
  isDefault: boolean;
  fields: string[];
  version: number;
  updatedAt: string | null;
}

/** Which membership a patient has. It never outranks clinical need. */
export type Tier = "gold" | "silver" | "standard";

/** Of one tier. */
export interface TierFairness {
  waits: number;
  jain: number | null;
  gini: number | null;
  longest: number | null;
  insideTarget: number | null;
  tier: Tier;
}

/** The way of an entry, oldest step first, and to its patient what is offered just now. */
export interface TimelineView {
  steps: StepView[];
  offer: OfferView | null;
}

/** `data` of GET /track/{token} and of `queue-joined` and `queue-status`. */
export interface TrackedView {
  appointment: AppointmentView;
  queue: QueueView;
}

/** Both queues after a transfer; `queue` is the one that was left. */
export interface TransferResult {
  queue: StaffQueue;
  target: StaffQueue;
  version: number;
}

/** A command that can still be undone. */
export interface UndoView {
  version: number;
  command: string;
  entryId: string | null;
  ticket: string | null;
  until: string;
}

/** Why a time is not for somebody. */
export type Unfit =
  | "deferred"
  | "excluded_visit_type"
  | "invited"
  | "not_waiting"
  | "not_wanted"
  | "other_clinic"
  | "other_doctor"
  | "other_mode"
  | "other_part_of_day"
  | "outside_window"
  | "too_short_notice";

/** How soon somebody should be seen, as the clinic judges it. */
export type Urgency = "routine" | "soon" | "urgent";

/** Of one urgency. */
export interface UrgencyFairness {
  waits: number;
  jain: number | null;
  gini: number | null;
  longest: number | null;
  insideTarget: number | null;
  urgency: Urgency;
}

/** What is known of a licence. */
export type Verification = "failed" | "unverified" | "verified";

/** An appointment as whoever has its link sees it, with what they may still do about it. */
export interface VisitView {
  appointment: AppointmentView;
  slotId: string | null;
  state: EntryState;
  payment: PaymentView | null;
  canCancelUntil: string;
  mayCancel: boolean;
  mayReschedule: boolean;
}

/**
 * Minutes until the consultation starts: half of the patients wait at most p50, nine of ten at most
 * p90.
 */
export interface WaitRange {
  p50: number;
  p90: number;
}

/** One clinic's waitlist on one of its days. */
export interface WaitlistDay {
  depth: number;
  joined: number;
  invited: number;
  accepted: number;
  declined: number;
  unanswered: number;
  withdrawn: number;
  promoted: number;
  promotedByHand: number;
  promotedAutomatically: number;
  expired: number;
  cancelled: number;
  avgWaitMinutes: number | null;
  offersPerFill: number | null;
  avgMinutesToFill: number | null;
  conversionRate: number | null;
  clinicId: string;
  date: string;
}

/** Who waited for how long, measured by how long they should. */
export interface WaitlistFairness {
  from: string;
  to: string;
  promoted: FairnessGroup;
  waiting: FairnessGroup;
}

/**
 * What became of a waitlist within a time. Rates and averages are None where there is nothing to
 * divide by.
 */
export interface WaitlistFigures {
  depth: number;
  joined: number;
  invited: number;
  accepted: number;
  declined: number;
  unanswered: number;
  withdrawn: number;
  promoted: number;
  promotedByHand: number;
  promotedAutomatically: number;
  expired: number;
  cancelled: number;
  avgWaitMinutes: number | null;
  offersPerFill: number | null;
  avgMinutesToFill: number | null;
  conversionRate: number | null;
}

/** Waitlists between two dates, both included. */
export interface WaitlistMetrics {
  from: string;
  to: string;
  total: WaitlistFigures;
  clinics: ClinicWaitlistFigures[];
  days: WaitlistDay[];
}

/** The order of a clinic's list, as far as the desk may see it. */
export interface WaitlistOrder {
  clinicId: string;
  waiting: number;
  places: WaitlistPlace[];
  more: boolean;
  reread: boolean;
}

/** `waitlist-order` to staff: who stands where has changed. */
export interface WaitlistOrderUpdate {
  data: WaitlistOrder;
}

/** Where somebody stands in their clinic's list. */
export interface WaitlistPlace {
  id: string;
  position: number;
  priorityScore: number;
}

/** The waitlist policy of a clinic, or what a tenant begins with. */
export interface WaitlistPolicy {
  maxQueueSize: number;
  autoExpiryHours: number;
  autoPromoteBufferMinutes: number;
  inviteMinutes: number;
  autoInvite: boolean;
  minLeadMinutes: number;
  quietHours: QuietHours;
  priorityWeights: PriorityWeights;
  targetDays: TargetDays;
  notificationTemplateOverrides: Record<string, string>;
  excludedVisitTypes: string[];
}

/** How an entry stands. */
export type WaitlistStatus =
  | "active"
  | "cancelled"
  | "deferred"
  | "expired"
  | "invited"
  | "promoted";

/**
 * Acknowledgement of `subscribe-waitlist`: these lists are followed from here on. Read them after
 * this.
 */
export interface WaitlistSubscribed {
  ok: boolean;
  lists: WaitlistOrder[];
}

export interface WalkInResult {
  appointment: AppointmentView;
  queue: StaffQueue;
  version: number;
  trackingToken: string;
  trackingUrl: string;
}

/**
 * Acknowledgement of `watch-availability`: with a doctor, the times that can be booked or are held
 * at present. `more`: there are more times than come; ask for fewer days.
 */
export interface WatchingView {
  watching: boolean;
  slots?: SlotStateView[];
  more?: boolean;
}

export interface WindowView {
  start: string;
  end: string;
  capacity: number;
  appointments: StaffEntry[];
}

export interface WindowsView {
  windows: WindowView[];
  version: number;
}
