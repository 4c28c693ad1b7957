import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { contactOf } from "../../book/model/details";
import { trouble } from "../../patient/api";
import { isOffline } from "../../patient/connection";
import { asciiDigits } from "../../patient/digits";
import { Field } from "../../patient/field";
import { t } from "../../patient/known";
import { announce } from "../../shared/announce";
import { type Contact, sendCode } from "../state/codes";

export interface CodeFormProps {
  /** Whether whoever is new here may say their name. */
  asksName?: boolean;
  submit: string;
  onCode: (contact: Contact, code: string, name: string) => Promise<void>;
}

/** A phone number or e-mail address, then the code that was sent there. */
export function CodeForm({ asksName, submit, onCode }: CodeFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const typed = useSignal("");
  const sentTo = useSignal<Contact | null>(null);
  const code = useSignal("");
  const name = useSignal("");
  const mistake = useSignal("");
  const isBusy = useSignal(false);

  useEffect(() => {
    if (sentTo.value) form.current?.querySelector("input")?.focus();
  }, [sentTo.value]);

  async function run(work: () => Promise<void>): Promise<void> {
    if (isBusy.value) return;
    isBusy.value = true;
    mistake.value = "";
    try {
      await work();
    } catch (error) {
      mistake.value = trouble(error);
    } finally {
      isBusy.value = false;
    }
  }

  function ask(): void {
    const contact = contactOf(typed.value);
    if (!contact) {
      mistake.value = t(typed.value.trim() ? "contact_wrong" : "contact_missing");
      return;
    }
    void run(async () => {
      await sendCode(contact);
      sentTo.value = contact;
      code.value = "";
      announce(t("account_code_sent", { contact: typed.value.trim() }));
    });
  }

  function enter(): void {
    const contact = sentTo.value;
    const digits = asciiDigits(code.value).replace(/\D/g, "");
    if (contact) void run(() => onCode(contact, digits, name.value));
  }

  const isSent = sentTo.value !== null;
  return (
    <form
      ref={form}
      class="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (isSent) enter();
        else ask();
      }}
    >
      {isSent ? (
        <>
          <p class="well">{t("account_code_sent", { contact: typed.value.trim() })}</p>
          <Field
            label={t("account_code")}
            name="code"
            inputMode="numeric"
            autocomplete="one-time-code"
            required
            value={code.value}
            mistake={mistake.value}
            onInput={(text) => (code.value = text)}
          />
          {asksName && (
            <Field
              label={t("account_first_name")}
              name="name"
              autocomplete="name"
              value={name.value}
              onInput={(text) => (name.value = text)}
            />
          )}
        </>
      ) : (
        <Field
          label={t("contact")}
          name="contact"
          autocomplete="email"
          required
          value={typed.value}
          mistake={mistake.value}
          onInput={(text) => (typed.value = text)}
        />
      )}
      <button type="submit" class="primary wide" disabled={isBusy.value || isOffline.value}>
        {isSent ? submit : t("account_send_code")}
      </button>
      {isSent && (
        <div class="buttons">
          <button type="button" class="quiet" disabled={isBusy.value} onClick={ask}>
            {t("account_new_code")}
          </button>
          <button type="button" class="quiet" onClick={() => (sentTo.value = null)}>
            {t("account_other_contact")}
          </button>
        </div>
      )}
    </form>
  );
}
