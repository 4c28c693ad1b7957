import { isAdmin } from "../../../staff/account";
import { Page } from "../../parts/page";
import { Tabs } from "../../parts/tabs";
import type { SectionProps } from "../../section";
import { address } from "../../state/address";
import { FiguresTab } from "./parts/figures-tab";
import { ListTab } from "./parts/list-tab";
import { PolicyTab } from "./parts/policy-tab";
import "./waitlist-section.css";

/** The waitlists of all clinics: who waits, and by what policy. */
export default function WaitlistSection({ path: [tab = "list"], query }: SectionProps) {
  const tabs = [
    { name: "list", label: "Who waits", href: address("waitlist") },
    ...(isAdmin.value
      ? [
          { name: "policy", label: "Policy", href: address("waitlist/policy") },
          { name: "figures", label: "Figures", href: address("waitlist/figures") },
        ]
      : []),
  ];
  return (
    <Page
      title="Waitlist"
      lead="When a day is full, people wait fairly; when a time frees, the right one hears of it."
    >
      <Tabs label="Waitlist" here={tab} tabs={tabs} />
      <Shown tab={tab} query={query} />
    </Page>
  );
}

function Shown({ tab, query }: { tab: string; query: URLSearchParams }) {
  switch (tab) {
    case "policy":
      return <PolicyTab />;
    case "figures":
      return <FiguresTab filters={query} />;
    default:
      return <ListTab filters={query} />;
  }
}
