// What the routes of schedules, leave, calendar and slots answer, by the names that these parts use.
import type {
  CalendarSegment,
  ClinicCalendarView,
  DoctorCalendarView,
  DoctorDaysView,
  DoctorDayView,
  EquipmentView,
  ExceptionView,
  LeaveView,
  OverrideSittingView,
  OverrideView,
  RoomView,
  ScheduleView,
  SittingView,
  SlotConflictView,
  SlotPreview,
  SlotSuggestion,
  StaffSlotView,
} from "../generated/contract";

export type {
  AffectedPatient,
  CalendarDay,
  LeaveStatus,
  SlotCounts,
} from "../generated/contract";

export type Sitting = SittingView;
export type SittingOfDate = OverrideSittingView;
export type Override = OverrideView;
export type Schedule = ScheduleView;
export type Suggestion = SlotSuggestion;
export type Preview = SlotPreview;
export type Closure = ExceptionView;
export type ClosureKind = ExceptionView["kind"];
export type Segment = CalendarSegment;
export type DoctorCalendar = DoctorCalendarView;
export type ClinicCalendar = ClinicCalendarView;
export type DoctorDays = DoctorDaysView;
export type DoctorDay = DoctorDayView;
export type Leave = LeaveView;
export type LeaveType = LeaveView["type"];
export type SlotConflict = SlotConflictView;
export type Slot = StaffSlotView;
export type Room = RoomView;
export type Equipment = EquipmentView;

/** What sittings can be planned with. */
export interface Resources {
  rooms: readonly Room[];
  equipment: readonly Equipment[];
}
