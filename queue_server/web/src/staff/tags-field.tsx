import { useId, useState } from "preact/hooks";
import { announce } from "../shared/announce";
import type { Draft } from "./draft";
import { Field } from "./fields";

interface TagsProps<T extends object> {
  draft: Draft<T>;
  name: { [K in keyof T]-?: T[K] extends string[] ? K : never }[keyof T] & string;
  label: string;
  hint?: string;
  /** The code of what was typed; null when there is none. */
  toCode: (typed: string) => string | null;
  /** What a code reads like. */
  shown: (code: string) => string;
  suggestions: readonly string[];
  /** What to say when nothing fits what was typed. */
  unknown: string;
  disabled?: boolean;
}

/** Several codes: what is there as chips, and a field that adds another. */
export function TagsField<T extends object>(props: TagsProps<T>) {
  const { draft, name, label, hint, toCode, shown, suggestions, unknown, disabled } = props;
  const codes = draft.value.value[name] as string[];
  const [typed, setTyped] = useState("");
  const [complaint, setComplaint] = useState("");
  const choices = useId();

  const change = (next: string[]): void => draft.set({ [name]: next } as Partial<T>);
  const add = (): void => {
    if (!typed.trim()) return;
    const code = toCode(typed);
    if (code === null) {
      setComplaint(unknown);
      return;
    }
    if (!codes.includes(code)) change([...codes, code]);
    announce(`${shown(code)} added`);
    setTyped("");
    setComplaint("");
  };
  const removeTag = (code: string): void => {
    change(codes.filter((one) => one !== code));
    announce(`${shown(code)} removed`);
  };
  return (
    <div class="tags">
      <Field label={label} hint={hint} error={complaint || draft.errorAt(name)}>
        {(attributes) => (
          <div class="tags-entry">
            <input
              {...attributes}
              list={choices}
              value={typed}
              disabled={disabled}
              autocomplete="off"
              onInput={(event) => {
                setTyped(event.currentTarget.value);
                setComplaint("");
              }}
              onBlur={add}
              onKeyDown={(event) => {
                if (event.key !== "Enter" && event.key !== ",") return;
                event.preventDefault();
                add();
              }}
            />
            <button type="button" disabled={disabled} onClick={add}>
              Add<span class="sr-only"> to {label}</span>
            </button>
          </div>
        )}
      </Field>
      <datalist id={choices}>
        {suggestions.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      {codes.length > 0 && (
        <ul class="chips" aria-label={`Chosen: ${label.toLowerCase()}`}>
          {codes.map((code) => (
            <li key={code} class="tag">
              {shown(code)}
              {!disabled && (
                <button type="button" onClick={() => removeTag(code)}>
                  <span aria-hidden="true">✕</span>
                  <span class="sr-only">Remove {shown(code)}</span>
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
