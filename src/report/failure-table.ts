import type { FailureGroup } from '../model/result.ts'
import { absent } from './format.ts'
import { boxTable } from './table.ts'
import { plainText } from './text.ts'

/** Width in a pipe or file, where messages may be longer than a screen. */
const pipeColumns = 120

/** Below this many characters a message says nothing; a narrower terminal has to wrap. */
const minExampleColumns = 20

/** Failures by kind and status, each with one example that is cut to fit `columns`. */
export const failureTable = (failures: readonly FailureGroup[], columns: number = pipeColumns): string => {
  const head = ['Kind', 'Status', 'Count', 'Example']
  const rows = failures.map(({ kind, statusCode, count, example }) => [
    kind,
    statusCode === undefined ? absent : String(statusCode),
    String(count),
    // Cut before measuring: a cell is at least one column, and cli-table3 takes quadratic time over wide characters.
    Array.from(plainText(example)).slice(0, columns).join(''),
  ])
  const others = [0, 1, 2].map(column => Math.max(...[head, ...rows].map(row => (row[column] ?? '').length)) + 2)
  // Five border characters, and two of padding round the example.
  const room = columns - others.reduce((sum, width) => sum + width, 0) - 5
  const table = { head, rows, aligns: ['left', 'right', 'right', 'left'] as const }
  const full = boxTable(table)
  if (full.indexOf('\n') <= columns) return full
  return boxTable({ ...table, colWidths: [null, null, null, Math.max(room, minExampleColumns)] })
}
