import Table from 'cli-table3'
import { splitTable } from './split-table.ts'
import { plainText } from './text.ts'

type Align = 'left' | 'right'
type Chars = Readonly<Record<string, string>>

// cli-table3 colours by default, also in a pipe and under NO_COLOR.
const uncoloured = { head: [], border: [] }

/** A table as text; cells may have several lines. */
export interface TableText {
  readonly head?: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** First column left, others right, unless given. */
  readonly aligns?: readonly Align[]
  /** Fixed widths, padding included; longer text is cut with `…`. */
  readonly colWidths?: readonly (number | null)[]
  /** A line between any two rows. */
  readonly hasRowLines?: boolean
  /** Other border characters, by cli-table3's names. */
  readonly chars?: Chars
}

/** A table in single-line boxes. */
export const boxTable = (table: TableText): string => {
  const { head = [], rows, colWidths = [], hasRowLines = false, chars = {} } = table
  const drawn = new Table({
    head: head.map(cleanCell),
    colAligns: alignsOf(table, Math.max(head.length, rows[0]?.length ?? 0)),
    colWidths: [...colWidths],
    style: { ...uncoloured, compact: !hasRowLines },
    chars,
  })
  drawn.push(...rows.map(row => row.map(cleanCell)))
  return drawn.toString()
}

/** A table of heavy lines as text. */
export interface HeavyTable {
  readonly title: string
  readonly head: readonly string[]
  readonly blocks: readonly (readonly (readonly string[])[])[]
  readonly aligns: readonly Align[]
  /** First columns, which say what a row is of: where the table is split, each part has them. Default: one. */
  readonly keys?: number
  /** Width of the terminal; undefined in a pipe or file, where nothing is split. */
  readonly columns?: number | undefined
  /** No padding on the right of cells either: for many columns. */
  readonly isDense?: boolean
}

/**
 * A table with heavy header, centred title and no padding at the outer edges; a line between blocks of rows. Heads of
 * one line stand beside the last line of longer ones. What is wider than the terminal becomes several tables.
 */
export const heavyTable = (table: HeavyTable): string => {
  const { head, aligns, blocks, keys = 1 } = table
  return splitTable(head.length - keys, table.columns, (from, to) => {
    const part = <T>(cells: readonly T[]): readonly T[] => [
      ...cells.slice(0, keys),
      ...cells.slice(keys + from, keys + to),
    ]
    return drawHeavy({ ...table, head: part(head), aligns: part(aligns), blocks: blocks.map(rows => rows.map(part)) })
  })
}

const drawHeavy = ({ title, head, blocks, aligns, isDense = false }: HeavyTable): string => {
  const drawn = new Table({ colAligns: [...aligns], style: uncoloured })
  drawn.push(heavyRow(head, { chars: heavyTop, isDense }))
  for (const [block, rows] of blocks.entries()) {
    for (const [index, row] of rows.entries()) {
      drawn.push(heavyRow(row, { chars: index > 0 ? noLine : block === 0 ? underHead : lightLine, isDense }))
    }
  }
  const text = drawn.toString()
  return `${centred(title, text.indexOf('\n'))}\n${text}`
}

// Cell by cell, because cli-table3 draws all rows of a table alike. `mid` names the line above a row.
const heavyTop: Chars = {
  top: '━',
  'top-left': '┏',
  'top-mid': '┳',
  'top-right': '┓',
  left: '┃',
  middle: '┃',
  right: '┃',
}
const underHead: Chars = { mid: '━', 'left-mid': '┡', 'mid-mid': '╇', 'right-mid': '┩' }
const lightLine: Chars = {}
const noLine: Chars = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' }

const heavyRow = (cells: readonly string[], { chars, isDense }: { readonly chars: Chars; readonly isDense: boolean }) =>
  cells.map((content, column) => ({
    content: cleanCell(content),
    chars,
    vAlign: 'bottom' as const,
    style: {
      'padding-left': column === 0 ? 0 : 1,
      'padding-right': isDense || column === cells.length - 1 ? 0 : 1,
    },
  }))

const alignsOf = ({ aligns }: TableText, columns: number): Align[] =>
  aligns === undefined ? Array.from({ length: columns }, (_, column) => (column === 0 ? 'left' : 'right')) : [...aligns]

/** Here, so that no table can forget it: cells hold text from servers and files. */
const cleanCell = (text: string): string => text.split('\n').map(plainText).join('\n')

const centred = (title: string, width: number): string => {
  const left = Math.max(0, Math.floor((width - title.length) / 2))
  return (' '.repeat(left) + title).padEnd(width)
}
