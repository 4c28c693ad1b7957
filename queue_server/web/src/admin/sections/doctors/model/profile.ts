import type { DoctorDetail, Mode } from "../../../../generated/contract";

// The profile as it is edited: text everywhere, nothing missing.

export interface QualificationDraft {
  id: string | null;
  title: string;
  institution: string;
  year: string;
}

export interface ProfileDraft {
  version: number;
  name: string;
  specialtyLabel: string;
  bio: string;
  specialties: string[];
  languages: string[];
  modes: Mode[];
  room: string;
  ticketPrefix: string;
  publicProfileVisible: boolean;
  acceptsOnlineBookings: boolean;
  qualifications: QualificationDraft[];
  licenceNumber: string;
  licenceAuthority: string;
  licenceUntil: string;
}

export interface Fault {
  field: string;
  message: string;
}

/** What the fields are called, for telling which of them somebody else changed. */
export const FIELD_WORDS: Readonly<Record<string, string>> = {
  name: "Name",
  specialtyLabel: "Title beside the name",
  bio: "Description",
  specialties: "Specialties",
  languages: "Languages",
  modes: "Visits",
  room: "Room",
  ticketPrefix: "Ticket letters",
  publicProfileVisible: "Shown to the public",
  acceptsOnlineBookings: "Online bookings",
  qualifications: "Qualifications",
  licenceNumber: "Licence number",
  licenceAuthority: "Issued by",
  licenceUntil: "Valid until",
};

/** The profile of a doctor, to be edited. */
export function draftOf(doctor: DoctorDetail): ProfileDraft {
  return {
    version: doctor.version,
    name: doctor.name,
    specialtyLabel: doctor.specialtyLabel,
    bio: doctor.bio,
    specialties: [...doctor.specialties],
    languages: [...doctor.languages],
    modes: [...doctor.modes],
    room: doctor.room,
    ticketPrefix: doctor.ticketPrefix ?? "",
    publicProfileVisible: doctor.publicProfileVisible,
    acceptsOnlineBookings: doctor.acceptsOnlineBookings,
    qualifications: doctor.qualifications.map(({ id, title, institution, year }) => ({
      id,
      title,
      institution,
      year: year === null ? "" : String(year),
    })),
    licenceNumber: doctor.licence?.number ?? "",
    licenceAuthority: doctor.licence?.authority ?? "",
    licenceUntil: doctor.licence?.validUntil ?? "",
  };
}

/** What can be told without asking the server. */
export function faultsOf(draft: ProfileDraft): Fault[] {
  const faults: Fault[] = [];
  if (!draft.name.trim()) faults.push({ field: "name", message: "A doctor needs a name." });
  if (draft.modes.length === 0)
    faults.push({ field: "modes", message: "Choose at least one way to see patients." });
  draft.qualifications.forEach(({ title, year }, place) => {
    if (!title.trim())
      faults.push({
        field: `qualifications[${place}].title`,
        message: "Say which degree or certificate, or remove the line.",
      });
    if (year.trim() && !/^(19|20|21)\d\d$/.test(year.trim()))
      faults.push({
        field: `qualifications[${place}].year`,
        message: "Give a year of four digits.",
      });
  });
  const hasLicence = draft.licenceNumber.trim() || draft.licenceAuthority.trim();
  if (hasLicence || draft.licenceUntil) {
    if (!draft.licenceNumber.trim())
      faults.push({ field: "licence.number", message: "A licence has a number." });
    if (!draft.licenceAuthority.trim())
      faults.push({ field: "licence.authority", message: "Say who issued the licence." });
  }
  return faults;
}

/**
 * The body of a change: only what differs from `before`, so that nothing else is touched. The
 * licence is left out by those who are not shown one.
 */
export function changeOf(draft: ProfileDraft, before: ProfileDraft): Record<string, unknown> {
  const whole = bodyOf(draft);
  const old = bodyOf(before);
  return Object.fromEntries(
    Object.entries(whole).filter(([name, value]) => !isSame(value, old[name])),
  );
}

function bodyOf(draft: ProfileDraft): Record<string, unknown> {
  return {
    name: draft.name.trim(),
    specialtyLabel: draft.specialtyLabel.trim(),
    bio: draft.bio.trim(),
    specialties: draft.specialties,
    languages: draft.languages,
    modes: draft.modes,
    room: draft.room.trim(),
    ...(draft.ticketPrefix.trim() && { ticketPrefix: draft.ticketPrefix.trim().toUpperCase() }),
    publicProfileVisible: draft.publicProfileVisible,
    acceptsOnlineBookings: draft.acceptsOnlineBookings,
    qualifications: draft.qualifications.map(({ id, title, institution, year }) => ({
      ...(id && { id }),
      title: title.trim(),
      institution: institution.trim(),
      year: year.trim() ? Number(year) : null,
    })),
    licence: draft.licenceNumber.trim()
      ? {
          number: draft.licenceNumber.trim(),
          authority: draft.licenceAuthority.trim(),
          validUntil: draft.licenceUntil || null,
        }
      : null,
  };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
