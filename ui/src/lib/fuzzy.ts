/** Finding by a few letters: every letter must come, in order; beginnings of words count most. */

export interface Found<T> {
  item: T;
  score: number;
}

/** How well `text` answers `query`; null where it does not. */
export function score(query: string, text: string): number | null {
  const wanted = query.toLowerCase().replace(/\s+/g, "");
  const given = text.toLowerCase();
  if (wanted === "") return 0;
  const whole = given.indexOf(query.toLowerCase().trim());
  if (whole >= 0) return 100 - whole + (startsWord(given, whole) ? 50 : 0);
  let points = 0;
  let at = -1;
  for (const letter of wanted) {
    const next = given.indexOf(letter, at + 1);
    if (next < 0) return null;
    if (startsWord(given, next)) points += 5;
    else if (next === at + 1) points += 3;
    else points -= 1;
    at = next;
  }
  return points;
}

function startsWord(text: string, at: number): boolean {
  return at === 0 || /[^a-z0-9]/.test(text[at - 1]!);
}

/** Those that answer, best first; as they stand where nothing is asked. */
export function search<T>(query: string, items: readonly T[], textOf: (item: T) => string): T[] {
  if (query.trim() === "") return [...items];
  return items
    .map((item) => ({ item, score: score(query, textOf(item)) }))
    .filter((found): found is Found<T> => found.score !== null)
    .sort((a, b) => b.score - a.score)
    .map(({ item }) => item);
}
