/** A figure with so many decimals, or a dash for none. */
export const fixed = (value, decimals) => (value === undefined ? '—' : value.toFixed(decimals))

/** A share as whole percent. */
export const percent = share => (share == null ? '—' : `${(100 * share).toFixed(0)} %`)

/** Lines of columns, the first to the left, the others to the right. */
export const table = (head, rows) => {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map(row => row[column].length)))
  return all.map(row =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  )
}
