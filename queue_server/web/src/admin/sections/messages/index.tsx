import { Page } from "../../parts/page";
import { Tabs } from "../../parts/tabs";
import type { SectionProps } from "../../section";
import { address } from "../../state/address";
import { DeadTab } from "./parts/dead-tab";
import { LogTab } from "./parts/log-tab";
import { TemplatesTab } from "./parts/templates-tab";
import "./messages.css";

/** What patients are told: the log, what could not be sent, and what messages say. */
export default function MessagesSection({ path: [tab = "log"], query }: SectionProps) {
  const tabs = [
    { name: "log", label: "Log", href: address("messages") },
    { name: "dead", label: "Not sent", href: address("messages/dead") },
    { name: "templates", label: "Words", href: address("messages/templates") },
  ];
  return (
    <Page title="Messages" lead="What patients are told, through what, and what became of it.">
      <Tabs label="Messages" here={tab} tabs={tabs} />
      {tab === "dead" ? (
        <DeadTab />
      ) : tab === "templates" ? (
        <TemplatesTab filters={query} />
      ) : (
        <LogTab filters={query} />
      )}
    </Page>
  );
}
