import type { DoctorDetail } from "../../../../generated/contract";
import { byName } from "../../../../shared/names";
import { useResource } from "../../../../staff/resource";
import { all, query } from "../../../../staff/rest";

/** The doctors of a clinic or of all, by id. */
export function useNames(clinicId: string | null): ReadonlyMap<string, string> {
  const path = `/api/doctors${query({ clinicId, limit: 200 })}`;
  const read = useResource(path, async () => byName(await all<DoctorDetail>(path)));
  return new Map((read.value ?? []).map(({ id, name }) => [id, name]));
}
