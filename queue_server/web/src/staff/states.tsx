import type { ComponentChildren } from "preact";
import type { Resource } from "./resource";
import { isMissing } from "./rest";

/** While something is read for the first time. */
export function Loading({ what }: { what: string }) {
  return (
    <p class="state" role="status">
      Loading {what}…
    </p>
  );
}

/** Nothing there yet, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="state state-empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

interface FailureProps {
  what: string;
  error: Error;
  retry: () => void;
}

/** What could not be read, why, and what to do next. */
export function Failure({ what, error, retry }: FailureProps) {
  if (isMissing(error))
    return (
      <Empty title="Not found">
        <p>This may have been removed, or it belongs to a clinic your account does not see.</p>
      </Empty>
    );
  return (
    <div class="state" role="alert">
      <p class="failure">
        Could not load {what}: {error.message}
      </p>
      <button type="button" onClick={retry}>
        Try again
      </button>
    </div>
  );
}

interface LoadedProps<T> {
  of: Resource<T>;
  what: string;
  children: (value: T) => ComponentChildren;
}

/** Shows what was read; before that, that it is being read; a failure beside what is stale. */
export function Loaded<T>({ of, what, children }: LoadedProps<T>) {
  const { value, failure, reload } = of;
  if (value === null && failure === null) return <Loading what={what} />;
  return (
    <>
      {failure && <Failure what={what} error={failure} retry={() => void reload()} />}
      {value !== null && children(value)}
    </>
  );
}
