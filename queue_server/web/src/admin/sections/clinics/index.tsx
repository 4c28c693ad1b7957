import type { SectionProps } from "../../section";
import { ClinicList } from "./clinic-list";
import { ClinicPage } from "./clinic-page";
import { NewClinic } from "./new-clinic";

/** Clinics: the list, a new one, and one with its caps, queue policy and days. */
export default function Clinics({ path }: SectionProps) {
  const [id] = path;
  if (id === undefined) return <ClinicList />;
  if (id === "new") return <NewClinic />;
  return <ClinicPage key={id} id={id} />;
}
