import { follow } from "../../shared/route";

interface PrintBarProps {
  failure?: string | undefined;
  waiting?: string;
}

/** The bar above a page for paper; not printed itself. */
export function PrintBar({ failure, waiting }: PrintBarProps) {
  return (
    <nav class="print-bar" aria-label="Print">
      <a class="button" href="/desk" onClick={follow}>
        Back to the desk
      </a>
      {!waiting && (
        <button type="button" class="primary" onClick={() => print()}>
          Print
        </button>
      )}
      {waiting && <p role="status">{waiting}</p>}
      {failure && (
        <p role="alert" class="failure">
          {failure}
        </p>
      )}
    </nav>
  );
}
