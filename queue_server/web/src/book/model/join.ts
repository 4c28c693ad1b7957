import type { DoctorDetail, Mode } from "../../generated/contract";

/** Whom somebody would wait for: a doctor or (empty) anybody, at a clinic. */
export interface Waiting {
  clinicId: string;
  doctorId: string;
}

/** Where a list can be joined for these doctors: of one who is named, where they work. */
export function clinicsToWaitAt(
  doctor: Pick<DoctorDetail, "clinicIds"> | undefined,
  all: readonly string[],
): readonly string[] {
  return doctor ? all.filter((id) => doctor.clinicIds.includes(id)) : all;
}

/** How one can be seen there; of anybody either way may come up. */
export function modesOf(doctor: Pick<DoctorDetail, "modes"> | undefined): readonly Mode[] {
  return doctor ? doctor.modes : ["in_person", "tele"];
}

/**
 * Whether anybody of the clinic would do: not for who looks for a specialty, as a clinic has one
 * list for all of its doctors.
 */
export function anyoneWouldDo(query: URLSearchParams): boolean {
  return !query.get("specialty") && !query.get("language");
}

/** What the way to the list says of where it begins; the day and how one comes are taken along. */
export function queryOfJoin(
  of: { doctorId: string | null; query: Record<string, string>; clinicIds: readonly string[] },
  mode: Mode,
  from: string | null,
): Record<string, string> {
  const [only, ...others] = of.clinicIds;
  return {
    ...of.query,
    ...(of.doctorId && { doctorId: of.doctorId }),
    ...(only && others.length === 0 && { clinicId: only }),
    mode,
    ...(from && { from }),
  };
}
