import { type Command, Option } from 'commander'
import type { ArgumentsInput } from '../arguments/arguments-input.ts'
import type { FlagRow } from '../arguments/flag-row.ts'
import { flagName, flagRows, flags, flagTopics, meaninglessFlags } from '../arguments/flags.ts'

/** Flags as the command line gave them: text, lists of text and switches, not yet checked. */
export type RawArguments = ArgumentsInput

/** Help texts are wrapped in terminals of 60 columns, too: terms take 32 of them. */
const minWidthToWrap = 24

const closingText = `
Examples:
  evalscope perf --api simulated --parallel 1 10 50
  evalscope perf --url http://127.0.0.1:8000 --parallel 1 10 --number 20 100
  evalscope perf --api simulated --open-loop --rate 2 5 --duration 60`

/** Gives a command one option per flag, grouped by topic. */
export const addPerfOptions = (command: Command): Command => {
  command.configureHelp({ optionTerm: helpTerm, minWidthToWrap }).addHelpText('after', closingText)
  for (const [topic, fields] of flagTopics) {
    for (const field of fields) {
      for (const option of optionsOf(field, flags[field])) command.addOption(option.helpGroup(`${topic}:`))
    }
  }
  for (const field of meaninglessFlags) {
    command.addOption(new Option(`${flagName(field)} [values...]`).hideHelp())
  }
  return command
}

/** The flags that were given, by field. */
export const givenFlags = (command: Command): RawArguments => {
  const given: Record<string, unknown> = {}
  for (const [field, row] of flagRows()) {
    // Commander stores `--no-timestamp` as `timestamp: false`.
    const key = field.replace(/^no([A-Z])/, (_, capital: string) => capital.toLowerCase())
    if (command.getOptionValueSource(key) !== 'cli') continue
    const value: unknown = command.getOptionValue(key)
    if (row.kind === 'flag') given[field] = key === field ? value : value === false
    // A list flag without values, such as `--stop` alone.
    else given[field] = value === true ? [] : value
  }
  for (const field of meaninglessFlags) {
    if (command.getOptionValueSource(field) === 'cli') given[field] = command.getOptionValue(field)
  }
  return given
}

const optionsOf = (field: string, row: FlagRow): readonly Option[] => {
  const name = flagName(field)
  if (row.kind === 'flag') {
    const option = new Option(name, helpText(row))
    return row.negatable ? [option, new Option(name.replace('--', '--no-')).hideHelp()] : [option]
  }
  const short = 'short' in row ? `-${row.short}, ` : ''
  return [new Option(`${short}${name} ${placeholder(row)}`, helpText(row))]
}

const placeholder = (row: Exclude<FlagRow, { kind: 'flag' }>): string => {
  if (row.kind === 'json') return row.mayBeList ? '<json...>' : '<json>'
  if (row.kind === 'pairs') return '<name=value...>'
  // Choices too long for the column stand in the help text, and what they are choices of in their place.
  if ('choices' in row && row.unit === undefined) return `<${row.choices?.join('|')}>`
  const noun = isWord(row.unit) ? row.unit : { int: 'n', number: 'x', string: 'text', path: 'path' }[row.kind]
  if ('word' in row) return `<${noun}|${row.word}>`
  if (row.arity === 'one') return `<${noun}>`
  return 'mayBeEmpty' in row ? `[${noun}...]` : `<${noun}...>`
}

/** `--[no-]stream` for a switch that has both forms. */
const helpTerm = (option: Option): string => {
  const row = flagRows().find(([field]) => flagName(field) === option.long)?.[1]
  return row?.kind === 'flag' && row.negatable ? option.flags.replace('--', '--[no-]') : option.flags
}

/** A unit short enough to stand as the value: `--read-timeout <seconds>`. */
const isWord = (unit: string | undefined): unit is string => unit !== undefined && !unit.includes(' ')

const helpText = (row: FlagRow): string => {
  const notes = [isWord(row.unit) ? undefined : row.unit, defaultText(row)].filter(note => note !== undefined)
  return notes.length === 0 ? row.help : `${row.help} (${notes.join('; ')})`
}

const defaultText = (row: FlagRow): string | undefined => {
  if (row.otherwise !== undefined) return `default: ${row.otherwise}`
  const value = row.default
  if (value === true) return 'default: on'
  if (Array.isArray(value)) return `default: ${value.join(' ')}`
  if (typeof value === 'number' || typeof value === 'string') return `default: ${value}`
  return row.kind === 'int' ? rangeText(value) : undefined
}

const rangeText = (value: unknown): string | undefined => {
  const range = value as { readonly min: number; readonly max: number } | undefined
  return range && `default: ${range.min}`
}
