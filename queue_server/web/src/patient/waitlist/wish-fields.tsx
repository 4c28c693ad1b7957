import { useId } from "preact/hooks";
import type { Mode, PartOfDay } from "../../generated/contract";
import { Field, Radios } from "../field";
import { t } from "../known";
import { PARTS, type Wish, type WishMistakes } from "./wish";

export interface WishFieldsProps {
  wish: Wish;
  mistakes: WishMistakes;
  /** Ways to come that there are. */
  modes: readonly Mode[];
  onChange: (changed: Partial<Wish>) => void;
}

/** When and how somebody would like to come; whatever is left open may be anything. */
export function WishFields({ wish, mistakes, modes, onChange }: WishFieldsProps) {
  return (
    <>
      <fieldset class="dates">
        <legend>{t("waitlist_when")}</legend>
        <small>{t("waitlist_when_more")}</small>
        <div class="date-pair">
          <Field
            label={t("waitlist_from")}
            type="date"
            name="from"
            value={wish.from}
            onInput={(from) => onChange({ from })}
          />
          <Field
            label={t("waitlist_to")}
            type="date"
            name="to"
            value={wish.to}
            mistake={mistakes.to && t(mistakes.to)}
            onInput={(to) => onChange({ to })}
          />
        </div>
      </fieldset>
      <Parts chosen={wish.parts} onChange={(parts) => onChange({ parts })} />
      {modes.length > 1 && (
        <Radios
          label={t("mode")}
          value={wish.mode}
          options={[
            { value: "", label: t("waitlist_either") },
            ...modes.map((mode) => ({ value: mode, label: t(mode) })),
          ]}
          onChange={(mode) => onChange({ mode: mode as Mode | "" })}
        />
      )}
      <label class="check">
        <input
          type="checkbox"
          checked={wish.shortNotice}
          onChange={(event) => onChange({ shortNotice: event.currentTarget.checked })}
        />
        {t("waitlist_short")}
      </label>
      <Notes value={wish.notes} onInput={(notes) => onChange({ notes })} />
    </>
  );
}

interface PartsProps {
  chosen: readonly PartOfDay[];
  onChange: (chosen: PartOfDay[]) => void;
}

function Parts({ chosen, onChange }: PartsProps) {
  return (
    <fieldset>
      <legend>{t("part")}</legend>
      <small>{t("waitlist_part_more")}</small>
      <div class="choices">
        {PARTS.map((part) => (
          <label key={part}>
            <input
              type="checkbox"
              checked={chosen.includes(part)}
              onChange={(event) =>
                onChange(
                  PARTS.filter((one) =>
                    one === part ? event.currentTarget.checked : chosen.includes(one),
                  ),
                )
              }
            />
            {t(part)}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

const MOST_LETTERS = 2000;

function Notes({ value, onInput }: { value: string; onInput: (text: string) => void }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{t("waitlist_notes")}</label>
      <small id={`${id}-hint`}>{t("waitlist_notes_hint")}</small>
      <textarea
        id={id}
        rows={3}
        dir="auto"
        maxLength={MOST_LETTERS}
        aria-describedby={`${id}-hint`}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </div>
  );
}
