import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { CodeForm } from "../../../account/parts/code-form";
import { signIn } from "../../../account/state/codes";
import type { DoctorDetail } from "../../../generated/contract";
import { look, session, trouble } from "../../../patient/api";
import { Failure } from "../../../patient/failure";
import { known, t } from "../../../patient/known";
import "../../../patient/waitlist/waitlist.css";
import { route } from "../../../shared/route";
import { JoinForm } from "./join-form";

const MOST = 50;

/** Waiting for a time where there is none: sign in, say what would suit, and be told of the place. */
export function JoinPage() {
  const { query } = route.value;
  const heading = useRef<HTMLHeadingElement>(null);
  const doctors = useSignal<DoctorDetail[] | null>(null);
  const failure = useSignal("");
  const doctorId = query.get("doctorId");
  useEffect(() => {
    document.title = `${t("waitlist_join")} · ${known.store.name}`;
    heading.current?.focus();
  }, []);

  function read(): void {
    failure.value = "";
    const asked = doctorId
      ? look<DoctorDetail>(`/api/doctors/${doctorId}`).then(({ data }) => [data])
      : look<DoctorDetail[]>("/api/doctors", filters(query)).then(({ data }) => data);
    asked.then(
      (found) => (doctors.value = found),
      (error) => (failure.value = trouble(error)),
    );
  }

  useEffect(read, [doctorId]);
  const found = doctors.value;
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {t("waitlist_join")}
      </h1>
      <p class="soft">{t("waitlist_join_more")}</p>
      <Failure text={failure.value} onRetry={read} />
      {!session.current.value && <SignInFirst />}
      {session.current.value && found && <JoinForm doctors={found} query={query} />}
    </>
  );
}

function SignInFirst() {
  return (
    <section class="card">
      <h2>{t("sign_in")}</h2>
      <p class="soft">{t("waitlist_sign_in")}</p>
      <CodeForm
        asksName
        submit={t("continue")}
        onCode={(contact, code, name) => signIn(contact, code, name)}
      />
    </section>
  );
}

function filters(query: URLSearchParams): Record<string, string> {
  const asked = ["specialty", "clinicId", "language"].map((key) => [key, query.get(key) ?? ""]);
  return { ...Object.fromEntries(asked.filter(([, value]) => value)), limit: String(MOST) };
}
