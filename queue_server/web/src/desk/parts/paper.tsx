import { useEffect, useState } from "preact/hooks";
import { route } from "../../shared/route";
import { PrintBar } from "./print-bar";

type Pages = typeof import("../pages");

/** The day list or a ticket, whichever the address names. */
export function Paper() {
  const [pages, setPages] = useState<Pages | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    import("../pages").then(setPages, () => setFailed(true));
  }, []);
  if (failed) return <PrintBar failure="No connection. Go back and try again." />;
  if (!pages) return <PrintBar waiting="Loading…" />;
  const { path, query } = route.value;
  return path.endsWith("/day-list") ? (
    <pages.DayListPage query={query} />
  ) : (
    <pages.TicketPage key={query.get("appointmentId")} query={query} />
  );
}
