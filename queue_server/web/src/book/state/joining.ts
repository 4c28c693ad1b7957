import type { OwnEntryView } from "../../generated/contract";
import { act } from "../../patient/api";
import { Refused } from "../../shared/http";
import { kept } from "./kept";

/** An entry as it stands after joining, or the one there was. */
export interface Joined {
  entry: OwnEntryView;
  wasThere: boolean;
}

export const joined = kept<Joined | null>("joined", null);

/** Join the list, once for each `key`; whoever waits for the same already is shown that entry. */
export async function join(body: object, key: string): Promise<void> {
  const headers = { "Idempotency-Key": key };
  try {
    const call = { method: "POST", body, headers };
    const { data } = await act<OwnEntryView>("/api/waitlists", call, false);
    joined.value = { entry: await latest(data.id, data), wasThere: false };
  } catch (error) {
    const known = error instanceof Refused ? error.problem.entryId : undefined;
    if (!known) throw error;
    joined.value = { entry: (await read(known)).data, wasThere: true };
  }
}

/** With its place, which is reckoned when it is read; that it has joined is sure without it. */
async function latest(id: string, otherwise: OwnEntryView): Promise<OwnEntryView> {
  return read(id).then(
    ({ data }) => data,
    () => otherwise,
  );
}

function read(id: string) {
  return act<OwnEntryView>(`/api/waitlists/${id}`, {}, false);
}
