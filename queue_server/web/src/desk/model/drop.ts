/** A card as the pointer finds it: its id, and where its middle is on the screen. */
export interface CardPlace {
  id: string;
  middle: number;
}

/** The card before which a pointer at height `y` would drop; undefined below everybody. */
export function cardBelow(cards: readonly CardPlace[], y: number): string | undefined {
  return cards.find((card) => y < card.middle)?.id;
}

/**
 * The place (1 = first) that `dragged` takes when dropped before `before`, or at the end of the
 * line when that is undefined. Undefined where nothing would change.
 */
export function dropPosition(
  line: readonly string[],
  dragged: string,
  before: string | undefined,
): number | undefined {
  const from = line.indexOf(dragged);
  if (from === -1 || before === dragged) return undefined;
  const rest = line.filter((id) => id !== dragged);
  const place = before === undefined ? rest.length : rest.indexOf(before);
  return place === -1 || place === from ? undefined : place + 1;
}
