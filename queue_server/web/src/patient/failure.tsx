import { t } from "./known";

/** What could not be read or done, with another try. */
export function Failure({ text, onRetry }: { text: string; onRetry?: () => unknown }) {
  if (!text) return null;
  return (
    <div class="wrong" role="alert">
      <p>{text}</p>
      {onRetry && (
        <button type="button" onClick={() => void onRetry()}>
          {t("try_again")}
        </button>
      )}
    </div>
  );
}
