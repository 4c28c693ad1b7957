import { useEffect, useMemo, useRef } from "preact/hooks";
import type { WaitlistPolicy } from "../../generated/contract";
import { account } from "../../staff/account";
import { type Resource, useResource } from "../../staff/resource";
import { get } from "../../staff/rest";
import { openWaitlist, type Scope, type Waitlist } from "./list";

/** While news come by themselves: for what only the clock changes. */
const TOLD_EVERY_MS = 60_000;
const EVERY_MS = 10_000;
/** News that come together are read once. */
const TOGETHER_MS = 200;

/**
 * Read a waitlist for as long as it is looked at: at once when there is `news` of it, and now and
 * then anyway; more often while nobody tells (`isTold`).
 */
export function useWaitlist({ clinicId, doctorId }: Scope, news = 0, isTold = false): Waitlist {
  const list = useMemo(() => openWaitlist({ clinicId, doctorId }), [clinicId, doctorId]);
  useEffect(() => {
    void list.reload();
    return list.close;
  }, [list]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    // Not put off by further news: where these never cease, the list would never be read.
    if (news === 0 || timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      void list.reload();
    }, TOGETHER_MS);
  }, [list, news]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [list],
  );
  useEffect(() => {
    const again = (): void => {
      if (document.visibilityState === "visible" && navigator.onLine) void list.reload();
    };
    const timer = setInterval(again, isTold ? TOLD_EVERY_MS : EVERY_MS);
    document.addEventListener("visibilitychange", again);
    addEventListener("online", again);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", again);
      removeEventListener("online", again);
    };
  }, [list, isTold]);
  return list;
}

/** The address of the policy of a clinic, or of what all clinics begin with. */
export function policyPath(clinicId: string | null): string {
  const tenant = `/api/tenants/${account.value?.tenantId}`;
  return clinicId ? `${tenant}/clinics/${clinicId}/waitlist-policy` : `${tenant}/waitlist-policy`;
}

/** By what a clinic's list runs. */
export function usePolicy(clinicId: string): Resource<WaitlistPolicy> {
  const path = policyPath(clinicId);
  return useResource(path, () => get<WaitlistPolicy>(path));
}
