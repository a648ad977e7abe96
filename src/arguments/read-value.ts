import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { ArgumentsError } from '../errors.ts'
import type { HeaderMap } from '../model/conversation.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { FlagRow, JsonRow, NumberRow, TextRow } from './flag-row.ts'
import { flagName } from './flags.ts'
import { isSecretName } from './secrets.ts'

/** What the user gave, fit for a one-line message. */
export const shown = (given: unknown): string => {
  if (given === '') return '""'
  const text = typeof given === 'string' ? given : inspect(given)
  const line = text.replace(/\s+/g, ' ')
  return line.length > 80 ? `${line.slice(0, 79)}…` : line
}

/**
 * Reads one flag's value as its row says: text as it stands on a command line, or the value itself.
 * Throws `ArgumentsError` with the flag's name and what was given.
 */
export const readValue = (field: string, row: FlagRow, given: unknown): unknown => {
  const flag = flagName(field)
  switch (row.kind) {
    case 'flag':
      if (typeof given !== 'boolean') throw new ArgumentsError(`${flag} is true or false, got ${shown(given)}`)
      return given
    case 'int':
    case 'number':
      return row.word !== undefined && given === row.word ? given : readNumbers(flag, row, given)
    case 'string':
    case 'path':
      return readTexts(flag, row, given)
    case 'json':
      return readJson(flag, row, given)
    case 'pairs':
      return readHeaders(flag, given)
  }
}

const readNumbers = (flag: string, row: NumberRow, given: unknown): unknown => {
  const values = itemsOf(given, ',').map(item => readNumber(flag, row, item))
  if (values.length === 0) throw new ArgumentsError(`${flag} needs a value; give one or leave the flag out`)
  if (row.arity === 'many') return values
  const [first = 0, last = first] = values
  if (row.arity === 'one') {
    if (values.length > 1) throw new ArgumentsError(`${flag} takes one value, got ${shown(values.join(' '))}`)
    return first
  }
  if (values.length > 2) {
    throw new ArgumentsError(`${flag} takes one value or a lowest and a highest, got ${shown(values.join(' '))}`)
  }
  if (first > last) throw new ArgumentsError(`${flag}: the lowest value comes first, got ${first} ${last}`)
  return { min: first, max: last }
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

const readNumber = (flag: string, row: NumberRow, given: unknown): number => {
  const isWritten = typeof given === 'number' || (typeof given === 'string' && decimal.test(given.trim()))
  const value = isWritten ? Number(given) : Number.NaN
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = row
  const isWithin = value >= min && value <= max && value > (row.above ?? -Infinity) && value < (row.below ?? Infinity)
  // JSON has no -0: what is kept for `--from` would not be what was given.
  if (isWithin && (row.kind === 'int' ? Number.isSafeInteger(value) : Number.isFinite(value))) return value || 0
  throw new ArgumentsError(`${flag} must be a ${wanted(row)}, got ${shown(given)}`)
}

const wanted = (row: NumberRow): string => (row.word === undefined ? range(row) : `${range(row)}, or ${row.word}`)

const range = ({ kind, min, max, above, below }: NumberRow): string => {
  const noun = kind === 'int' ? 'whole number' : 'number'
  if (min !== undefined) return max === undefined ? `${noun} of at least ${min}` : `${noun} from ${min} to ${max}`
  if (above === undefined) return max === undefined ? noun : `${noun} of at most ${max}`
  return `${noun} above ${above}${below === undefined ? ` and at most ${max}` : ` and below ${below}`}`
}

const readTexts = (flag: string, row: TextRow, given: unknown): unknown => {
  if (row.arity === 'many') {
    const texts = itemsOf(given).map(item => requireText(flag, item))
    if (texts.length > 0 || row.mayBeEmpty) return texts
    throw new ArgumentsError(`${flag} needs a value; give one or leave the flag out`)
  }
  const text = requireText(flag, given)
  if (text === '') throw new ArgumentsError(`${flag} is empty; give a value or leave the flag out`)
  if (row.choices && !row.choices.includes(text)) {
    throw new ArgumentsError(`${flag} is one of ${row.choices.join(', ')}; got ${shown(text)}`)
  }
  if (!row.mayBeFile || !text.startsWith('@')) return text
  const contents = readText(flag, text.slice(1))
  if (contents === '') throw new ArgumentsError(`${flag} ${text}: the file is empty; give one with text in it`)
  return contents
}

const requireText = (flag: string, given: unknown): string => {
  if (typeof given === 'string') return given
  throw new ArgumentsError(`${flag} takes text, got ${shown(given)}`)
}

const readText = (flag: string, path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ArgumentsError(`${flag} @${path}: cannot read the file (${reason}); @ stands before a file name`, {
      cause,
    })
  }
}

const readJson = (flag: string, row: JsonRow, given: unknown): JsonObject | readonly JsonObject[] => {
  // Several words of a command line are so many values.
  if (row.mayBeList && Array.isArray(given) && given.some(item => typeof item === 'string')) {
    return given.flatMap(item => readJson(flag, row, item) as readonly JsonObject[])
  }
  const isFile = row.mayBeFile && typeof given === 'string' && given.startsWith('@')
  // A byte-order mark at the start of a file is no JSON.
  const text = isFile ? readText(flag, given.slice(1)).replace(/^\uFEFF/, '') : given
  const value = typeof text === 'string' ? parseJson(flag, text, given) : copyJson(flag, text)
  const problem = unsendable(value)
  if (problem !== undefined) throw new ArgumentsError(`${flag} ${problem}`)
  const list = Array.isArray(value) ? value : [value]
  if (row.mayBeList && list.length > 0 && list.every(isJsonObject)) return list
  if (!row.mayBeList && isJsonObject(value)) return value
  const wantedKind = row.mayBeList ? 'JSON object, or a list of some,' : 'JSON object'
  throw new ArgumentsError(`${flag} must be a ${wantedKind} such as '${row.example}', got ${shown(given)}`)
}

const parseJson = (flag: string, text: string, given: unknown): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    // The parser quotes from it, too.
    if (namesSecret(text)) throw new ArgumentsError(`${flag} is not valid JSON; not shown, as it may hold a secret`)
    const reason = cause instanceof Error ? shown(cause.message) : ''
    throw new ArgumentsError(`${flag} is not valid JSON, got ${shown(given)} (${reason})`, { cause })
  }
}

/** Deeper than any body; each level takes a stack frame of all that copies, masks and writes it. */
const mostLevels = 200

/** Why a value that was parsed cannot be sent as it is; undefined where it can. */
const unsendable = (value: unknown, levels = mostLevels): string | undefined => {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return 'holds a number that is too large for JSON to keep; give a smaller one'
  }
  if (typeof value !== 'object' || value === null) return undefined
  if (levels === 0) return `nests more than ${mostLevels} levels deep; give something flatter`
  for (const part of Object.values(value)) {
    const problem = unsendable(part, levels - 1)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** Whether what looks like a name in broken JSON is that of a secret; numbers are none. */
const namesSecret = (text: string): boolean =>
  [...text.matchAll(/([\w.-]{1,64})["']?\s{0,64}[:=](?!\s*[\d.]+\s*[,}\]])/g)].some(([, name = '']) =>
    isSecretName(name),
  )

/** A copy the caller cannot change later; also finds what JSON cannot hold. */
const copyJson = (flag: string, value: unknown): unknown => {
  try {
    return JSON.parse(JSON.stringify(value))
  } catch (cause) {
    throw new ArgumentsError(`${flag} holds something that JSON cannot; give plain values`, { cause })
  }
}

const readHeaders = (flag: string, given: unknown): HeaderMap => {
  const pairs = isJsonObject(given) ? Object.entries(given) : itemsOf(given).map(item => splitPair(flag, item))
  return Object.fromEntries(pairs.map(([name, value]) => checkHeader(flag, name, value)))
}

const splitPair = (flag: string, item: unknown): [string, string] => {
  const text = requireText(flag, item)
  const equals = text.indexOf('=')
  if (equals > 0) return [text.slice(0, equals).trim(), text.slice(equals + 1).trim()]
  // Only the beginning is shown: the rest may be a key, and so may all of it, behind a blank that was not quoted.
  const start = text.split(/[:\s]/, 1)[0] ?? ''
  const name = start === text && text.length > 8 ? text.slice(0, 4) : start
  throw new ArgumentsError(`${flag} takes name=value items, got ${shown(name)}${name === text ? '' : '…'}`)
}

/** Headers that belong to the connection and the framing of each request, not to the user. */
const ownHeaders = /^(connection|content-length|expect|keep-alive|transfer-encoding|te|trailer|upgrade)$/i

const checkHeader = (flag: string, name: string, value: unknown): [string, string] => {
  if (ownHeaders.test(name)) {
    throw new ArgumentsError(`${flag}: ${name} is set by the connection itself; leave it out`)
  }
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
    throw new ArgumentsError(`${flag}: ${shown(name)} is no header name; give name=value`)
  }
  if (typeof value === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return [name, value]
  throw new ArgumentsError(`${flag}: the value of ${name} must be one line of Latin-1 text`)
}

/** A list as it is; a single value as a list of one, or split where flags may be written `1,10`. */
const itemsOf = (given: unknown, separator?: string): readonly unknown[] => {
  const items: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (separator === undefined) return items
  return items.flatMap(item => (typeof item === 'string' ? item.split(separator) : [item]))
}
