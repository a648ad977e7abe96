import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect } from 'vitest'
import { Arguments } from '../../src/arguments/arguments.ts'
import type { ArgumentsInput } from '../../src/arguments/arguments-input.ts'
import type { FlagRow } from '../../src/arguments/flag-row.ts'
import { flagName, flagRows, meaninglessFlags } from '../../src/arguments/flags.ts'
import { notRepeated } from '../../src/arguments/repeat.ts'
import { runCommandLine } from '../../src/cli/commands.ts'
import { UserError } from '../../src/errors.ts'
import { givenFlags } from '../../src/run/provenance.ts'
import { fuzz } from './fuzz.ts'
import { anyJson, deepJson, hostileJson, hostileText, hostileValue, oddNumber, unprintable } from './hostile.ts'

const rows = flagRows()

/** What fits a flag, and what does not. */
const goodValues: Readonly<Record<string, readonly string[]>> = {
  url: ['http://h', 'h:8000', 'https://user:pw@h/v1/chat/completions?key=s', 'http://[::1]:1/v1'],
  api: ['openai', 'simulated', 'ollama', './plugin.mjs'],
  maxTokens: ['5', '1,9'],
  warmupNum: ['0.5', '3', '-1'],
  rate: ['5', '0.1', '-1', '1,2'],
  from: ['/nonexistent'],
}

const valueFor = (field: string, row: FlagRow): fc.Arbitrary<string> => {
  const known = goodValues[field]
  const good: fc.Arbitrary<string>[] = known === undefined ? [] : [fc.constantFrom(...known)]
  if (row.kind === 'int' || row.kind === 'number') good.push(fc.nat({ max: 400 }).map(String), oddNumber)
  if (row.kind === 'json') good.push(hostileJson, deepJson, fc.constantFrom('{}', '{"a": %p}', '{"stream": null}'))
  if (row.kind === 'pairs') good.push(fc.constantFrom('X-A=b', 'Authorization=Bearer k', '__proto__=x', 'Cookie=é'))
  if ('choices' in row && row.choices !== undefined) good.push(fc.constantFrom(...row.choices))
  if (row.kind === 'string' || row.kind === 'path')
    good.push(fc.constantFrom('a', './b', '@/nonexistent', '@/dev/null'))
  return fc.oneof(
    ...good.map(arbitrary => ({ weight: 6, arbitrary })),
    { weight: 1, arbitrary: hostileText },
    { weight: 1, arbitrary: oddNumber },
    { weight: 1, arbitrary: anyJson },
  )
}

const spelled = (name: string, style: number): string => {
  if (style === 0) return name.replaceAll('-', '_').replace(/^__/, '--')
  if (style === 1) return name.slice(0, -1)
  return style === 2 ? name.toUpperCase() : name
}

const flagWords = fc
  .tuple(fc.constantFrom(...rows), fc.nat({ max: 40 }), fc.nat({ max: 12 }))
  .chain(([[field, row], style, form]): fc.Arbitrary<string[]> => {
    const name = spelled(flagName(field), style)
    if (row.kind === 'flag') {
      return fc.constantFrom(name, name.replace('--', '--no-'), `${name}=1`).map(word => [word])
    }
    return fc
      .array(valueFor(field, row), { minLength: form === 0 ? 0 : 1, maxLength: form > 9 ? 3 : 1 })
      .map(values => (form === 1 ? [`${name}=${values[0] ?? ''}`] : [name, ...values]))
  })

const oddWords = fc.oneof(
  fc
    .constantFrom('--', '-', '-n', '-n5', '---', '--=', '=', '--__proto__', '--constructor=1', '--no-', '@')
    .map(word => [word]),
  fc.constantFrom(...meaninglessFlags).map(field => [flagName(field), '1']),
  hostileText.map(text => [text]),
  hostileText.map(text => [`--${text}`]),
)

/** A command line, often one that could be meant. */
const commandLine: fc.Arbitrary<readonly string[]> = fc
  .tuple(
    fc.constantFrom<string[]>([], ['--url', 'http://127.0.0.1:1/v1'], ['--api', 'simulated']),
    fc.array(fc.oneof({ weight: 12, arbitrary: flagWords }, { weight: 1, arbitrary: oddWords }), { maxLength: 7 }),
  )
  .map(([start, words]) => [...start, ...words.flat()])
  // They print help to the screen, and need no proof.
  .filter(words => !words.some(word => /^(--?h|--help|-h.*)$/.test(word)))

/** The arguments of a command line; undefined where it has a mistake, which is told as it should be. */
const read = async (make: () => Promise<Arguments | undefined>): Promise<Arguments | undefined> => {
  try {
    return await make()
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    expect(error.message).not.toBe('')
    expect(error.message).not.toMatch(unprintable)
    expect(error.message.length).toBeLessThan(5000)
    return undefined
  }
}

const isFrozen = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(isFrozen))

const finite = (_: string, value: unknown): unknown => {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`JSON has no ${value}`)
  return value
}

const expectSound = (args: Arguments): void => {
  expect(Object.isFrozen(args)).toBe(true)
  expect(isFrozen(args.values)).toBe(true)
  for (const line of [...args.warnings, ...args.notices]) expect(typeof line).toBe('string')
  for (const [field, row] of rows) {
    const value: unknown = args.values[field]
    if (value === undefined) continue
    if (row.kind === 'json') JSON.stringify(value, finite)
    else if (row.kind !== 'pairs') for (const item of [value].flat()) expect(item).not.toBeNaN()
  }
}

const directory = mkdtempSync(join(tmpdir(), 'evalscope-arguments-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** The same benchmark again, as `--from` makes it from the file that keeps its flags. */
const expectRepeated = (args: Arguments): void => {
  const kept = givenFlags(args, [])
  const provenance = { seed: args.runSeed, given: kept, started_at: '2026-01-02T03:04:05Z' }
  writeFileSync(join(directory, 'benchmark_args.json'), JSON.stringify({ provenance }))
  let again: Arguments
  try {
    again = new Arguments({ from: directory })
  } catch (error) {
    // Secrets are in no file.
    if (error instanceof UserError && /is without the secrets/.test(error.message)) return
    throw error
  }
  for (const [field] of rows) {
    if ([...notRepeated, 'apiKey', 'headers'].includes(field)) continue
    // What looks like a secret is masked in the file.
    if (JSON.stringify(kept).includes('**********')) continue
    // In a body -0 is 0.
    expect([field, JSON.stringify(again.values[field])]).toEqual([field, JSON.stringify(args.values[field])])
  }
}

fuzz<[readonly string[]]>('command lines', [commandLine], async words => {
  const args = await read(async () => {
    let made: Arguments | undefined
    await runCommandLine(['perf', ...words], async given => {
      made = new Arguments(given)
      return 0
    })
    return made
  })
  if (args === undefined) return
  expectSound(args)
  expectRepeated(args)
})

const inputs: fc.Arbitrary<Record<string, unknown>> = fc
  .array(
    fc.constantFrom(...rows).chain(([field, row]) =>
      fc.tuple(
        fc.constantFrom(field, field, field, '__proto__', 'constructor'),
        fc.oneof(
          { weight: 3, arbitrary: valueFor(field, row) as fc.Arbitrary<unknown> },
          { weight: 1, arbitrary: hostileValue as fc.Arbitrary<unknown> },
          {
            weight: 1,
            arbitrary: fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
          },
        ),
      ),
    ),
    { maxLength: 6 },
  )
  .map(fields => Object.fromEntries(fields))

fuzz<[Record<string, unknown>]>('arguments of programs', [inputs], async given => {
  const input = Object.hasOwn(given, 'url') ? given : { url: 'http://h', ...given }
  const args = await read(async () => new Arguments(input as ArgumentsInput))
  if (args !== undefined) expectSound(args)
})
