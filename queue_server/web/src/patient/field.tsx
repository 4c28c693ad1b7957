import { useId } from "preact/hooks";

export interface FieldProps {
  label: string;
  hint?: string;
  mistake?: string | undefined;
  type?: "text" | "search" | "date" | "time";
  value: string;
  onInput: (value: string) => void;
  autocomplete?: string;
  inputMode?: "text" | "numeric" | "email" | "tel";
  required?: boolean;
  name?: string;
}

/** A line to type, with its label, a hint, and what is wrong with it. */
export function Field(props: FieldProps) {
  const { label, hint, mistake, onInput, required, type = "text", ...input } = props;
  const id = useId();
  const about = [hint && `${id}-hint`, mistake && `${id}-mistake`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint && <small id={`${id}-hint`}>{hint}</small>}
      <input
        id={id}
        type={type as "text"}
        dir="auto"
        {...input}
        aria-required={required}
        aria-invalid={mistake ? "true" : undefined}
        {...(about && { "aria-describedby": about })}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      {mistake && (
        <span class="mistake" id={`${id}-mistake`}>
          {mistake}
        </span>
      )}
    </div>
  );
}

export interface ChoiceProps {
  label: string;
  value: string;
  options: readonly { value: string; label: string }[];
  onChange: (value: string) => void;
}

/** One of several, in a list that opens. */
export function Choice({ label, value, options, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map((one) => (
          <option key={one.value} value={one.value}>
            {one.label}
          </option>
        ))}
      </select>
    </div>
  );
}

/** One of few, all of them in sight. */
export function Radios({ label, value, options, onChange }: ChoiceProps) {
  const name = useId();
  return (
    <fieldset>
      <legend>{label}</legend>
      <div class="choices">
        {options.map((one) => (
          <label key={one.value}>
            <input
              type="radio"
              name={name}
              checked={one.value === value}
              onChange={() => onChange(one.value)}
            />
            {one.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
