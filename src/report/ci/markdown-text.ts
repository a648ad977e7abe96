import { plainText } from '../text.ts'

/** More of a server's text hides what a report says. No sentence of ours comes near the limit of prose. */
const most = { code: 300, prose: 3000 }

/**
 * Foreign text on one line of Markdown as it is read, also in a cell of a table: no markup, no HTML, no link, and nobody
 * who is named is called. References, not backslashes: tables take these apart first.
 */
export const markdownText = (text: string): string =>
  cut(plainText(text), most.prose)
    .replace(/[&|\\`*[\]~$#!]/g, reference)
    // A comparison is no tag.
    .replace(/<(?=[a-z/!?])/gi, reference)
    // Within words it is no emphasis, and names are full of them.
    .replace(/(?<![a-z0-9])_|_(?![a-z0-9])/gi, reference)
    .replace(/:(?=\/\/)|(?<=www)\./gi, reference)
    // GitHub looks for names once all references are read.
    .replace(/@/g, '@&#8203;')

const reference = (character: string): string => `&#${character.charCodeAt(0)};`

/**
 * Foreign text as code on one line, outside of tables: nothing in it means anything. `—` where there is none. What a
 * reader is to copy needs more characters than what servers say.
 */
export const codeSpan = (text: string, mostChars = most.code): string => {
  const code = cut(plainText(text), mostChars)
  if (code === '') return '—'
  const fence = '`'.repeat(longestRun(code) + 1)
  // Renderers take one blank off each end.
  const padding = /^`|`$/.test(code) ? ' ' : ''
  return `${fence}${padding}${code}${padding}${fence}`
}

/** Lines of code in a block of their own. */
export const codeBlock = (language: string, code: string): string => {
  const fence = '`'.repeat(Math.max(3, longestRun(code) + 1))
  return `${fence}${language}\n${code}\n${fence}`
}

/** A table of cells that are Markdown already; the first column is aligned to the left, `right` says of the others. */
export const markdownTable = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  isRight: (column: number) => boolean,
): string => {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, column) => (isRight(column) ? '---:' : '---'))), ...rows.map(line)].join('\n')
}

/** Most items of a list, and a line on those that are left out. */
export const firstOf = (lines: readonly string[], count: number): readonly string[] =>
  lines.length <= count ? lines : [...lines.slice(0, count), `- and ${lines.length - count} more`]

const longestRun = (code: string): number => Math.max(0, ...[...code.matchAll(/`+/g)].map(([run]) => run.length))

const cut = (text: string, mostChars: number): string => {
  const characters = Array.from(text)
  return characters.length <= mostChars ? text : `${characters.slice(0, mostChars - 1).join('')}…`
}
