const HELD_MS = 10_000;
const LOOK_MS = 50;

/**
 * Run `work` while no other tab of this browser does. Browsers offer locks on secure origins only;
 * on a clinic's plain-http network a short lease in localStorage stands in.
 */
export async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (navigator.locks) return (await navigator.locks.request(name, work)) as T;
  const key = `${name}.lease`;
  const mine = `${Math.random()}`;
  while (!(await taken(key, mine))) await pause(LOOK_MS);
  try {
    return await work();
  } finally {
    if (localStorage.getItem(key)?.endsWith(mine)) localStorage.removeItem(key);
  }
}

/** Write our name, look again a moment later: of several tabs that write, the last one holds it. */
async function taken(key: string, mine: string): Promise<boolean> {
  const until = Number(localStorage.getItem(key)?.split(" ")[0] ?? 0);
  if (until > Date.now()) return false;
  localStorage.setItem(key, `${Date.now() + HELD_MS} ${mine}`);
  await pause(LOOK_MS);
  return localStorage.getItem(key)?.endsWith(mine) === true;
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
