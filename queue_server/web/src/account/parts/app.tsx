import { useEffect } from "preact/hooks";
import type { PatientDetailsView } from "../../generated/contract";
import { session } from "../../patient/api";
import { Failure } from "../../patient/failure";
import { known, link, t } from "../../patient/known";
import { Page } from "../../patient/page";
import { useLoaded } from "../../patient/use-loaded";
import { announce } from "../../shared/announce";
import { follow, route } from "../../shared/route";
import { signIn } from "../state/codes";
import { farewell } from "../state/farewell";
import { signOutHere } from "../state/push";
import { pathOf, SECTIONS, type Section, sectionOf } from "../state/sections";
import { Appointments } from "./appointments";
import { Calendar } from "./calendar";
import { CodeForm } from "./code-form";
import { Family } from "./family";
import { HeldTime } from "./held-time";
import { LinkedVisit } from "./linked-visit";
import { Messages } from "./messages/section";
import { Particulars } from "./particulars";
import { Privacy } from "./privacy";
import { Waitlist } from "./waitlist/section";

const LINKED = /^\/t\/([^/]+)\/change$/;

export function App() {
  const token = LINKED.exec(route.value.path)?.[1];
  return <Page>{token ? <LinkedVisit token={token} /> : <Own />}</Page>;
}

function Own() {
  const isIn = session.current.value !== null;
  useEffect(() => {
    document.title = `${t("title_account")} · ${known.store.name}`;
  }, []);
  return (
    <>
      <HeldTime />
      {isIn ? <Account /> : <SignIn />}
    </>
  );
}

function SignIn() {
  return (
    <section class="card">
      {farewell.value && <p class="well">{farewell.value}</p>}
      <h1>{t("account_sign_in")}</h1>
      <p class="soft">{t("account_sign_in_more")}</p>
      <CodeForm
        asksName
        submit={t("account_enter")}
        onCode={async (contact, code, name) => {
          await signIn(contact, code, name);
          farewell.value = "";
          announce(t("title_account"));
        }}
      />
    </section>
  );
}

function Account() {
  const me = useLoaded<PatientDetailsView>("/api/me");
  const own = me.data.value;
  const section = sectionOf(route.value.path);
  return (
    <>
      <div class="account-head">
        <h1 dir="auto">
          {own?.name ? t("account_hello", { name: own.name }) : t("title_account")}
        </h1>
        <button type="button" class="quiet" onClick={() => void signOutHere()}>
          {t("account_sign_out")}
        </button>
      </div>
      <Tabs section={section} />
      <Failure text={me.failure.value} onRetry={me.load} />
      {own && !own.name && section !== "particulars" && (
        <p class="note">
          <a href={link(pathOf("particulars"))} onClick={follow}>
            {t("account_welcome")}
          </a>
        </p>
      )}
      {own && <Shown section={section} me={own} reload={me.load} />}
    </>
  );
}

function Tabs({ section }: { section: Section }) {
  return (
    <nav class="tabs" aria-label={t("title_account")}>
      {SECTIONS.map((one) => (
        <a
          key={one}
          href={link(pathOf(one))}
          aria-current={one === section ? "page" : undefined}
          onClick={follow}
        >
          {t(`account_${one}`)}
        </a>
      ))}
    </nav>
  );
}

interface ShownProps {
  section: Section;
  me: PatientDetailsView;
  reload: () => Promise<void>;
}

function Shown({ section, me, reload }: ShownProps) {
  switch (section) {
    case "appointments":
      return <Appointments me={me} />;
    case "waitlist":
      return <Waitlist me={me} />;
    case "calendar":
      return <Calendar />;
    case "family":
      return <Family />;
    case "particulars":
      return <Particulars me={me} reload={reload} />;
    case "messages":
      return <Messages me={me} />;
    case "privacy":
      return <Privacy me={me} reload={reload} />;
  }
}
