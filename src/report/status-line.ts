/** Where a status line goes: a terminal, or anything that only takes text. */
export interface StatusStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

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

  /** Redraws the line, cut to the terminal's width; does nothing without a terminal. */
  show(text: string): void {
    if (!this.isLive) return
    // One column is left free: a full last column makes some terminals wrap.
    const line = text.slice(0, Math.max(0, (this.#stream.columns ?? 80) - 1))
    if (line === this.#shown) return
    this.#shown = line
    this.#stream.write(`\r\u001b[2K${line}`)
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#shown === '') return
    this.#shown = ''
    this.#stream.write('\r\u001b[2K')
  }

  /** Prints a line that stays, above the status line. */
  say(text: string): void {
    const shown = this.#shown
    this.clear()
    this.#stream.write(`${text}\n`)
    if (shown !== '') this.show(shown)
  }
}
