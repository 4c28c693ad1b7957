export type Edge = "top" | "bottom";

/**
 * The place (1 = first) that `dragged` takes when dropped on the `edge` of `over`, or at the end of
 * the line when dropped below everybody (`over` undefined). Undefined where nothing would change.
 */
export function dropPosition(
  line: readonly string[],
  dragged: string,
  over: string | undefined,
  edge: Edge,
): number | undefined {
  const rest = line.filter((id) => id !== dragged);
  if (rest.length === line.length) return undefined;
  const place = over === undefined ? rest.length : rest.indexOf(over) + (edge === "bottom" ? 1 : 0);
  if (over === dragged || (over !== undefined && !rest.includes(over))) return undefined;
  return line.indexOf(dragged) === place ? undefined : place + 1;
}
