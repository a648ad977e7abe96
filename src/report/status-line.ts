import { plainText } from '../plain-text.ts'
import { wrapText } from './text.ts'

/** Where a status line goes: a terminal, or anything that only takes text. */
export interface StatusStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const eraseLine = '\r\u001b[2K'

/**
 * One line at the bottom of a terminal that is redrawn in place, and lines above it that stay. Without a terminal there
 * is no such line; `say` prints plain lines.
 */
export class StatusLine {
  readonly #stream: StatusStream
  #shown = ''

  constructor(stream: StatusStream) {
    this.#stream = stream
  }

  get isLive(): boolean {
    return this.#stream.isTTY === true
  }

  /** Columns that the line may fill. A terminal that does not tell its size says 0. */
  get columns(): number {
    // One is left free: a full last column makes some terminals wrap.
    return (this.#stream.columns || 80) - 1
  }

  /** Redraws the line, cut to the terminal's width; does nothing without a terminal. */
  show(text: string): void {
    if (!this.isLive) return
    const [line = ''] = wrapText(plainText(text), this.columns).split('\n', 1)
    if (line === this.#shown) return
    this.#shown = line
    this.#stream.write(`${eraseLine}${line}`)
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#shown === '') return
    this.#shown = ''
    this.#stream.write(eraseLine)
  }

  /** Prints a line that stays, above the status line. It may quote servers, files and names. */
  say(text: string): void {
    const shown = this.#shown
    const line = plainText(text)
    this.#shown = ''
    // Also takes away what the terminal itself has written there, such as its echo of Ctrl-C.
    this.#stream.write(this.isLive ? `${eraseLine}${line}\n` : `${line}\n`)
    if (shown !== '') this.show(shown)
  }
}
