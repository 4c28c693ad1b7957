import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Draft } from "./draft";

// Fields of a draft: label above, hint and error below, both tied to the field for screen readers.

type KeysOf<T, V> = { [K in keyof T]-?: T[K] extends V ? K : never }[keyof T] & string;

interface Common {
  label: string;
  hint?: ComponentChildren;
  optional?: boolean;
  disabled?: boolean;
  /** The server's name of the field, where it differs. */
  at?: string;
}

export interface FieldAttributes {
  id: string;
  "aria-invalid"?: "true";
  "aria-describedby"?: string;
}

interface FieldProps extends Common {
  error: string | undefined;
  children: (attributes: FieldAttributes) => ComponentChildren;
}

/** A labelled field of any kind. */
export function Field({ label, hint, optional, error, children }: FieldProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div class={error ? "field field-wrong" : "field"}>
      <label for={id}>
        {label} {optional && <span class="optional">optional</span>}
      </label>
      {children({
        id,
        ...(error && { "aria-invalid": "true" as const }),
        ...(described && { "aria-describedby": described }),
      })}
      {hint && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p class="field-error" id={`${id}-error`}>
          <span aria-hidden="true">! </span>
          {error}
        </p>
      )}
    </div>
  );
}

interface OfDraft<T extends object> extends Common {
  draft: Draft<T>;
  name: KeysOf<T, string>;
}

/** What stands around a field of a draft, and what is left for the field itself. */
function labelled<T extends object, P extends OfDraft<T>>(props: P & OfDraft<T>) {
  const { draft, name, label, hint, optional, at, ...own } = props;
  const error = draft.errorAt(at ?? name);
  return [{ label, hint, error, ...(optional && { optional }) }, own] as const;
}

interface TextProps<T extends object> extends OfDraft<T> {
  type?: "text" | "date" | "time" | "email" | "number" | "datetime-local";
  maxLength?: number;
  min?: string | number;
  max?: string | number;
  step?: string | number;
  inputMode?: "numeric" | "decimal" | "text";
  required?: boolean;
  placeholder?: string;
  list?: string;
  autocomplete?: string;
  autofocus?: boolean;
}

/** One line of text, a date or a number (as it was typed). */
export function TextField<T extends object>(props: TextProps<T>) {
  const { draft, name } = props;
  const [field, { type = "text", ...input }] = labelled(props);
  return (
    <Field {...field}>
      {(attributes) => (
        <input
          {...attributes}
          {...input}
          type={type}
          value={draft.value.value[name] as string}
          onInput={(event) =>
            draft.set({ [name]: event.currentTarget.value } as Partial<T>, props.at)
          }
        />
      )}
    </Field>
  );
}

interface AreaProps<T extends object> extends OfDraft<T> {
  rows?: number;
  maxLength?: number;
}

/** Several lines of text. */
export function AreaField<T extends object>(props: AreaProps<T>) {
  const { draft, name } = props;
  const [field, { rows = 4, ...area }] = labelled(props);
  return (
    <Field {...field}>
      {(attributes) => (
        <textarea
          {...attributes}
          {...area}
          rows={rows}
          value={draft.value.value[name] as string}
          onInput={(event) =>
            draft.set({ [name]: event.currentTarget.value } as Partial<T>, props.at)
          }
        />
      )}
    </Field>
  );
}

export interface Option {
  value: string;
  label: string;
  disabled?: boolean;
}

interface SelectProps<T extends object> extends OfDraft<T> {
  options: readonly Option[];
  required?: boolean;
}

/** One of several. */
export function SelectField<T extends object>(props: SelectProps<T>) {
  const { draft, name } = props;
  const [field, { options, ...select }] = labelled(props);
  const chosen = draft.value.value[name] as string;
  return (
    <Field {...field}>
      {(attributes) => (
        <select
          {...attributes}
          {...select}
          value={chosen}
          onChange={(event) =>
            draft.set({ [name]: event.currentTarget.value } as Partial<T>, props.at)
          }
        >
          {options.map(({ value, label: text, disabled }) => (
            <option key={value} value={value} selected={value === chosen} disabled={disabled}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface CheckProps<T extends object> {
  draft: Draft<T>;
  name: KeysOf<T, boolean>;
  label: string;
  detail?: string;
  disabled?: boolean;
}

/** Yes or no. */
export function CheckField<T extends object>({
  draft,
  name,
  label,
  detail,
  disabled,
}: CheckProps<T>) {
  return (
    <label class="check">
      <input
        type="checkbox"
        disabled={disabled}
        checked={draft.value.value[name] as boolean}
        onChange={(event) => draft.set({ [name]: event.currentTarget.checked } as Partial<T>)}
      />
      <span>
        {label}
        {detail && <span class="choice-detail">{detail}</span>}
      </span>
    </label>
  );
}

interface ChecksProps<T extends object> {
  draft: Draft<T>;
  name: KeysOf<T, readonly string[]>;
  label: string;
  options: readonly Option[];
  disabled?: boolean;
  empty?: string;
}

/** Any number of several. */
export function ChecksField<T extends object>(props: ChecksProps<T>) {
  const { draft, name, label, options, disabled, empty } = props;
  const chosen = draft.value.value[name] as readonly string[];
  const id = useId();
  const error = draft.errorAt(name);
  const toggle = (value: string, isOn: boolean): void => {
    const others = chosen.filter((one) => one !== value);
    draft.set({ [name]: isOn ? [...others, value] : others } as Partial<T>);
  };
  return (
    <fieldset class="field checks" aria-describedby={error && `${id}-error`} disabled={disabled}>
      <legend>{label}</legend>
      {options.length === 0 && (
        <p class="hint">{empty ?? "There is nothing to choose from yet."}</p>
      )}
      <div class="checks-list">
        {options.map(({ value, label: text }) => (
          <label key={value} class="check">
            <input
              type="checkbox"
              checked={chosen.includes(value)}
              aria-invalid={error ? "true" : undefined}
              onChange={(event) => toggle(value, event.currentTarget.checked)}
            />
            {text}
          </label>
        ))}
      </div>
      {error && (
        <p class="field-error" id={`${id}-error`}>
          <span aria-hidden="true">! </span>
          {error}
        </p>
      )}
    </fieldset>
  );
}
