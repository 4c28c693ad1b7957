import { useEffect, useState } from "preact/hooks";
import type { ClinicMetrics } from "../../../generated/contract";
import { followStream } from "../../../staff/event-stream";
import { get, query } from "../../../staff/rest";
import { withPoint, withTile } from "./model/tiles";

/** While the stream is away. */
const EVERY_MS = 10_000;
const MOST_POINTS = 60;

export interface Trail {
  waiting: readonly number[];
  queueDepth: readonly number[];
}

export interface Tiles {
  /** By clinic; null until something is known. */
  tiles: ReadonlyMap<string, ClinicMetrics> | null;
  /** How figures went while they were looked at, by clinic. */
  trails: ReadonlyMap<string, Trail>;
  isLive: boolean;
  failure: Error | null;
  /** When something was last heard, by this machine's clock. */
  heardAt: number;
}

const NOTHING: Tiles = {
  tiles: null,
  trails: new Map(),
  isLive: false,
  failure: null,
  heardAt: 0,
};

/** How clinics stand, told as it changes; read every few seconds while nobody tells. */
export function useTiles(clinicId: string | null): Tiles & { reload: () => Promise<void> } {
  const [state, set] = useState<Tiles>(NOTHING);
  const take = (found: readonly ClinicMetrics[]): void =>
    set((old) => ({
      ...old,
      tiles: found.reduce(withTile, old.tiles ?? new Map()),
      trails: found.reduce(followed, old.trails),
      failure: null,
      heardAt: Date.now(),
    }));
  const reload = async (): Promise<void> => {
    try {
      take(await get<ClinicMetrics[]>(`/api/analytics/dashboard${query({ clinicId })}`));
    } catch (error) {
      set((old) => ({ ...old, failure: error as Error }));
    }
  };
  useEffect(() => {
    set(NOTHING);
    return followStream(`/realtime/dashboard${query({ clinicId })}`, {
      event: ({ name, data }) =>
        name === "clinic-metrics" && take([JSON.parse(data) as ClinicMetrics]),
      live: (isLive) => set((old) => ({ ...old, isLive })),
    });
  }, [clinicId]);
  useEffect(() => {
    if (state.isLive) return;
    const timer = setInterval(() => void reload(), EVERY_MS);
    const soon = setTimeout(() => void reload(), 1_000);
    return () => {
      clearInterval(timer);
      clearTimeout(soon);
    };
  }, [state.isLive, clinicId]);
  return { ...state, reload };
}

function followed(
  trails: ReadonlyMap<string, Trail>,
  { clinicId, waiting, queueDepth }: ClinicMetrics,
): ReadonlyMap<string, Trail> {
  const old = trails.get(clinicId);
  return new Map(trails).set(clinicId, {
    waiting: withPoint(old?.waiting ?? [], waiting, MOST_POINTS),
    queueDepth: withPoint(old?.queueDepth ?? [], queueDepth, MOST_POINTS),
  });
}
