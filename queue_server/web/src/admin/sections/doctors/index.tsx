import type { SectionProps } from "../../section";
import { DoctorPage } from "./doctor-page";
import { DoctorList } from "./list";
import { NewDoctor } from "./new-doctor";
import "./doctors.css";

/** Doctors: the list, a new one, and one with profile, onboarding, bookability and schedule. */
export default function Doctors({ path, query }: SectionProps) {
  const [id, tab = "profile"] = path;
  if (id === undefined) return <DoctorList query={query} />;
  if (id === "new") return <NewDoctor />;
  return <DoctorPage key={id} id={id} tab={tab} />;
}
