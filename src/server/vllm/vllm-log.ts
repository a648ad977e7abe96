import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { maskWords } from '../../arguments/secrets.ts'

/** What has no line end by then is written as it is, lest it fill the memory. */
const longestLine = 64 * 1024

/**
 * Puts pieces of a stream together to lines with their ends, and masks secrets in each. A progress bar, which draws
 * itself anew after a carriage return, is a line each time.
 */
export const createLineMask = (secrets: readonly string[], write: (line: string) => void) => {
  let rest = ''
  const take = (line: string): void => write(maskWords(line, secrets))
  return {
    add: (piece: string): void => {
      rest += piece
      const end = Math.max(rest.lastIndexOf('\n'), rest.lastIndexOf('\r')) + 1
      for (const [line] of rest.slice(0, end).matchAll(/[^\r\n]*[\r\n]+/g)) take(line)
      rest = rest.slice(end)
      if (rest.length > longestLine) {
        take(rest)
        rest = ''
      }
    },
    /** The last line may have no end. */
    end: (): void => {
      if (rest !== '') take(rest)
      rest = ''
    },
  }
}

const tailBytes = 256 * 1024

/** The end of a log; empty when it cannot be read. */
export const readTail = (path: string): string => {
  try {
    const file = openSync(path, 'r')
    try {
      const { size } = statSync(path)
      const buffer = Buffer.alloc(Math.min(size, tailBytes))
      const bytes = readSync(file, buffer, 0, buffer.length, size - buffer.length)
      return buffer.toString('utf8', 0, bytes)
    } finally {
      closeSync(file)
    }
  } catch {
    return ''
  }
}

const shownLines = 3
const shownCharacters = 300

/**
 * What a log says last, fit for one line: the last lines that name an error, or else the last lines. The cause comes
 * first: a worker says what is wrong, then each process above it that it failed.
 */
export const lastWords = (log: string): string => {
  const lines = log.split(/[\r\n]+/).map(withoutPrefix)
  const spoken = lines.filter(line => line !== '' && !/^[\W_]+$/.test(line))
  const errors = [...new Set(spoken.filter(isError))]
  return (errors.length > 0 ? errors : spoken)
    .slice(-shownLines)
    .map(line => (line.length > shownCharacters ? `${line.slice(0, shownCharacters)} …` : line))
    .join(' | ')
    .replace(/[\s.;]+$/, '')
}

const isError = (line: string): boolean =>
  /^([\w.]+\.)?\w*(Error|Exception|Interrupt)(:|$)/.test(line) || /^[\w .-]+: error: /.test(line)

/** Without escape sequences, the process before a line of a worker, and level, time and place of a logger's line. */
const withoutPrefix = (line: string): string =>
  line
    // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one.
    .replace(/\u001b\[[\d;]*[a-z]/gi, '')
    .replace(/^\([^()]* pid=\d+\) ?/, '')
    .replace(/^[A-Z]+ [\d-]+ [\d:.]+ \[[^\]]*\] ?/, '')
    .trim()
