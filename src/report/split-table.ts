/** Draws the columns of a table from one to before another one, beside those that each part has. */
type Draw = (from: number, to: number) => string

/**
 * A table of `count` columns. In a terminal of `width` that is too narrow, they are halved into tables below each other,
 * again and again until they fit; without `width` (a pipe, a file) it is one table.
 */
export const splitTable = (count: number, width: number | undefined, draw: Draw): string =>
  width === undefined ? draw(0, count) : fitting({ from: 0, to: count }, width, draw).join('\n')

const fitting = (
  { from, to }: { readonly from: number; readonly to: number },
  width: number,
  draw: Draw,
): readonly string[] => {
  const text = draw(from, to)
  if (text.indexOf('\n') <= width || to - from === 1) return [text]
  const middle = from + Math.ceil((to - from) / 2)
  return [...fitting({ from, to: middle }, width, draw), ...fitting({ from: middle, to }, width, draw)]
}
