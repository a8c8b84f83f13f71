/** Which rows of a long list are on the screen. */

export interface Window {
  /** The first row to draw. */
  first: number;
  /** One past the last. */
  end: number;
}

/** Rows that a view of `height` at `top` shows, and a few on either side. */
export function visible(total: number, row: number, top: number, height: number, spare = 8): Window {
  const first = Math.max(0, Math.floor(top / row) - spare);
  const end = Math.min(total, Math.ceil((top + height) / row) + spare);
  return { first: Math.min(first, end), end };
}
