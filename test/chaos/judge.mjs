import { goodEvents, goodGapMs, goodText } from './pieces.mjs'

/** A good answer takes no less, in s. */
const shortestSec = (goodGapMs * (goodEvents.length - 1)) / 1000 / 2
/** On a machine that does other things meanwhile, times may be so many times as long. */
export const patience = Number(process.env.CHAOS_PATIENCE ?? 1)
/** Nor more: whatever others meet, it must not wait for them. */
const longestSec = patience

/** `good 7`, `bad 7`: which prompt a row is of. */
export const promptOf = row => /"content":"((?:good|bad) \d+)/.exec(row.request)?.[1] ?? ''

export const kindOf = row => row.failure_kind ?? 'ok'

/** The text of a stored answer. */
export const textOf = row =>
  JSON.parse(row.response_messages ?? '[]')
    .map(({ choices }) => choices?.[0]?.delta?.content ?? choices?.[0]?.message?.content ?? '')
    .join('')

/** What is wrong with a row that was to be answered well, whatever others meet. */
export const harmTo = row => {
  if (kindOf(row) !== 'ok') return `a good request failed: ${row.failure_kind}, ${row.error}`
  if (textOf(row) !== goodText) return `a good request got the text ${JSON.stringify(textOf(row).slice(0, 100))}`
  if (row.completion_tokens !== 3) return `a good request counts ${row.completion_tokens} tokens`
  if (row.latency < shortestSec || row.latency > longestSec) return `a good request took ${row.latency} s`
  return undefined
}

/** What is wrong with a row of a request that was harmed. */
export const wrongIn = (row, { kind, text }) => {
  const kinds = [kind].flat()
  if (!kinds.includes(kindOf(row)))
    return `${kindOf(row)} in place of ${kinds.join(' or ')}: ${row.error ?? textOf(row).slice(0, 100)}`
  if (kindOf(row) === 'ok' && text !== undefined && textOf(row) !== text)
    return `got the text ${JSON.stringify(textOf(row).slice(0, 100))}`
  if (kindOf(row) !== 'ok' && !row.error) return 'a failure without words'
  return undefined
}

/** What is wrong with a run as such. */
export const wrongWith = ({ hung, code, stdout, stderr }, codes) => [
  ...(hung ? ['it hung'] : []),
  ...(!hung && !codes.includes(code) ? [`exit code ${code}: ${stderr.trim().split('\n').at(-1)}`] : []),
  ...(/^\s+at .*:\d+:\d+\)?$/m.test(stderr) ? [`a stack: ${stderr.slice(-500)}`] : []),
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  ...(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(stdout + stderr)
    ? ['control characters in what was printed']
    : []),
]

/** `truncated 6`: how rows ended. */
export const tally = rows => {
  const counts = new Map()
  for (const row of rows) counts.set(kindOf(row), (counts.get(kindOf(row)) ?? 0) + 1)
  return [...counts].map(([kind, count]) => `${kind} ${count}`).join(', ') || '—'
}
