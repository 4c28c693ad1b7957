import { useEffect } from "preact/hooks";
import type { DoctorDetail } from "../../generated/contract";
import { clinics } from "../../staff/directory";
import { useResource } from "../../staff/resource";
import { get } from "../../staff/rest";
import { Loaded } from "../../staff/states";
import { clinicOf, look } from "../state/place";

/** An address may name a doctor alone: find the clinic, so that the doctor's times are shown. */
export function ClinicOfDoctor({ doctorId }: { doctorId: string }) {
  const path = `/api/doctors/${doctorId}`;
  const read = useResource(path, () => get<DoctorDetail>(path));
  useEffect(() => {
    const known = (clinics.value ?? []).map(({ id }) => id);
    if (read.value) look({ clinicId: clinicOf(read.value, known) });
  }, [read.value]);
  return (
    <Loaded of={read} what="the doctor">
      {() => null}
    </Loaded>
  );
}
