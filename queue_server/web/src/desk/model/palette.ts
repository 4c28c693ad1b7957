// What the palette offers for a few typed letters.

export interface PaletteItem {
  id: string;
  label: string;
  detail?: string;
  keys?: string;
  /** Further words that find it. */
  also?: string;
  disabled?: boolean;
  run: () => void;
}

/** Lower case without accents, so that "sorensen" finds "Sørensen". */
export function fold(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[øØ]/g, "o")
    .replace(/[æÆ]/g, "ae")
    .replace(/ß/g, "ss")
    .replace(/[łŁ]/g, "l")
    .toLowerCase();
}

/**
 * How well `query` fits `text`: every word of the query must begin a word of the text (3 each, 4
 * where they stand in order from the start) or stand inside one (1). 0 where one word is missing.
 */
export function score(query: string, text: string): number {
  const wanted = fold(query).split(/\s+/).filter(Boolean);
  const words = fold(text).split(/[\s·,/-]+/);
  let sum = 0;
  for (const [place, part] of wanted.entries()) {
    if (words[place]?.startsWith(part)) sum += 4;
    else if (words.some((word) => word.startsWith(part))) sum += 3;
    else if (words.some((word) => word.includes(part))) sum += 1;
    else return 0;
  }
  return sum;
}

/** The items that fit `query`, best first; all of them, in their order, for an empty query. */
export function search<T extends PaletteItem>(items: T[], query: string, limit = 8): T[] {
  if (!query.trim()) return items.slice(0, limit);
  return items
    .map((item, place) => ({
      item,
      place,
      fits: Math.max(
        score(query, item.label) * 2,
        score(query, `${item.label} ${item.detail ?? ""} ${item.also ?? ""}`),
      ),
    }))
    .filter(({ fits }) => fits > 0)
    .sort((one, other) => other.fits - one.fits || one.place - other.place)
    .slice(0, limit)
    .map(({ item }) => item);
}
