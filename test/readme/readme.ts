import { readFileSync } from 'node:fs'

export const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

/** The fenced blocks of one language, in their order. */
export const blocks = (language: string): readonly string[] =>
  [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, found, code = '']) =>
    found === language ? [code] : [],
  )

/** The one block that contains `part`. */
export const blockWith = (language: string, part: string): string => {
  const found = blocks(language).filter(code => code.includes(part))
  if (found.length !== 1) throw new Error(`${found.length} ${language} blocks contain ${part}, not one`)
  return found[0] as string
}

/** Every `evalscope …` of the bash blocks, as the words after `evalscope`. */
export const commands = (): readonly (readonly string[])[] => commandLines().map(line => wordsAndComment(line).words)

/** The commands whose comment names the directories of their runs, with these names. */
export const commandsWithRuns = (): readonly (readonly [words: readonly string[], runs: readonly string[]])[] =>
  commandLines()
    .map(wordsAndComment)
    .map(({ words, comment }) => [words, comment.filter(word => /_(number|duration)_\d/.test(word))] as const)
    .filter(([, runs]) => runs.length > 0)

const commandLines = (): readonly string[] =>
  blocks('bash')
    .flatMap(code => code.replaceAll('\\\n', ' ').split(/\n|&&/))
    .map(line => /^\s*(?:npx )?evalscope (.*)$/.exec(line)?.[1])
    .filter(line => line !== undefined)

/** The cells of the table whose head row begins with `firstHead`, without its head. */
export const tableRows = (firstHead: string): readonly (readonly string[])[] => {
  const lines = readme.split('\n')
  // The formatter pads cells with blanks.
  const head = lines.findIndex(line => line.split('|')[1]?.trim() === firstHead)
  if (head < 0) throw new Error(`no table begins with ${firstHead}`)
  const end = lines.findIndex((line, index) => index > head && !line.startsWith('|'))
  return lines.slice(head + 2, end).map(line =>
    line
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim()),
  )
}

/** The texts between backticks. */
export const codeSpans = (text: string): readonly string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)

/** Words of a shell line: blanks separate, quotes hold together, a word that begins with # begins the comment. */
const wordsAndComment = (line: string): { readonly words: readonly string[]; readonly comment: readonly string[] } => {
  const all = [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word)
  const hash = all.findIndex(word => word.startsWith('#'))
  const end = hash < 0 ? all.length : hash
  return {
    words: all.slice(0, end).map(word => word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2')),
    comment: all.slice(end),
  }
}
