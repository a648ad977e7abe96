import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { flagName, flagRows, flagTopics, meaninglessFlags } from '../../src/arguments/flags.ts'

const root = new URL('../../', import.meta.url)
const bin = fileURLToPath(new URL('bin/evalscope.mjs', root))

const evalscope = (...argv: string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [bin, ...argv], { encoding: 'utf8', timeout: 15_000 })

describe('evalscope perf --help', () => {
  const { stdout, stderr, status } = evalscope('perf', '--help')

  test('goes to stdout and is no mistake', () => {
    expect(status).toBe(0)
    expect(stderr).toBe('')
  })

  test('fits into 80 columns', () => {
    expect(stdout.split('\n').filter(line => line.length > 80)).toEqual([])
  })

  test('lists every supported flag under its topic', () => {
    for (const [topic, fields] of flagTopics) {
      const [section = ''] = (stdout.split(`\n${topic}:\n`)[1] ?? '').split('\n\n')
      for (const field of fields) expect(section).toMatch(new RegExp(`^  (-n, )?${spelled(field)}( |$)`, 'm'))
    }
    expect(flagTopics.flatMap(([, fields]) => fields).sort()).toEqual(
      flagRows()
        .map(([field]) => field)
        .sort(),
    )
  })

  test('has units and defaults', () => {
    const text = stdout.replace(/\s+/g, ' ')
    expect(text).toContain(
      '--read-timeout <seconds> longest silence of the server, before the first byte and after (default: 600)',
    )
    expect(text).toContain(
      '--max-prompt-length <n> longest prompt (tokens with a tokenizer, else characters; default: 131072)',
    )
    expect(text).toContain(
      '--rate <x...> requests wanted per second; -1 for as fast as slots are free; several make a sweep (default: not paced)',
    )
    expect(text).toContain(
      '--arrival <poisson|constant> gaps between the times of --rate: random as of independent users, or equal (default: poisson)',
    )
    expect(text).toContain('--[no-]stream ask for streamed answers (default: on)')
    expect(text).toContain(
      '--save-responses <which> answers that the database keeps: full, text (alone), failed (only those), or none ' +
        '(default: full; for embeddings failed)',
    )
  })

  test('does not list what has no meaning here', () => {
    const listed = meaninglessFlags.filter(field => stdout.includes(`\n  ${flagName(field)} `))
    expect(listed).toEqual([])
  })
})

const spelled = (field: string): string => {
  const isNegatable = field === 'stream' || field === 'applyChatTemplate'
  return isNegatable ? flagName(field).replace('--', '--\\[no-\\]') : flagName(field)
}

test.each([['--version'], ['-V']])('%s prints the version of the package', flag => {
  const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string }
  expect(evalscope(flag)).toMatchObject({ stdout: `${manifest.version}\n`, stderr: '', status: 0 })
})

test.each([[[]], [['--help']]])('evalscope %j names the commands', argv => {
  const { stdout, status } = evalscope(...argv)
  expect(status).toBe(0)
  expect(stdout).toMatch(/^ {2}perf .*^ {2}serve /ms)
})

test.each([
  ['perf --paralel 3', "unknown option '--paralel' (Did you mean --parallel?)"],
  ['perf', '--url is missing; give the endpoint to test, or try --api simulated, which needs none'],
  [
    'perf --url h:8000 --sla-auto-tune',
    '--sla-auto-tune needs --sla-params, what is to be kept; give such as --sla-params \'{"p99_ttft": "<=500"}\'',
  ],
  ['perf --url h:8000 --parallel 0', '--parallel must be a whole number of at least 1, got 0'],
  ['perf --url h:8000 --rate 5 -2', '--rate must be a number above 0, or -1 for "not paced", got -2'],
  ['prf', "unknown command 'prf' (Did you mean perf?)"],
])('evalscope %s is one line and exit code 2', (line, message) => {
  expect(evalscope(...line.split(' '))).toMatchObject({ stdout: '', stderr: `evalscope: ${message}\n`, status: 2 })
})

describe('the process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'evalscope-bin-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  /** Runs the program after a line of JavaScript has changed its surroundings. */
  const changed = (change: string, ...argv: string[]): SpawnSyncReturns<string> => {
    const preload = join(folder, 'change.cjs')
    writeFileSync(preload, change)
    return spawnSync(process.execPath, ['--require', preload, bin, ...argv], { encoding: 'utf8', timeout: 15_000 })
  }

  test.each([
    ['18.20.4', 2],
    ['20.18.0', 2],
    ['20.18.1', 0],
    ['22.0.0', 0],
  ])('on Node %s ends with code %i', (version, status) => {
    const run = changed(`Object.defineProperty(process, 'versions', { value: { node: '${version}' } })`, '--version')
    expect(run.status).toBe(status)
    expect(run.stderr).toMatch(status === 0 ? /^$/ : /^evalscope: needs Node 20\.18\.1 or newer, this is .*\n$/)
  })

  test('without a build says how to get one', () => {
    mkdirSync(join(folder, 'bin'))
    copyFileSync(bin, join(folder, 'bin', 'evalscope.mjs'))
    const run = spawnSync(process.execPath, [join(folder, 'bin', 'evalscope.mjs'), '--version'], { encoding: 'utf8' })
    expect(run.stderr).toBe('evalscope: dist is missing; run "npm run build" in its directory first\n')
    expect(run.status).toBe(2)
  })

  test.each([
    ['at once', "process.stdout.write = () => { throw new TypeError('broken') }"],
    ['later', "setTimeout(() => { throw new TypeError('broken') }, 300)"],
  ])('a bug that shows %s prints its stack and ends with code 70', (_, change) => {
    const { stderr, status } = changed(change, '--version')
    expect(status).toBe(70)
    expect(stderr).toMatch(/^evalscope: this is a bug in evalscope, please report it\nTypeError: broken\n {4}at /)
  })

  test('a reader that leaves early is no error', async () => {
    const child = spawn(process.execPath, [bin, 'perf', '--help'], { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.destroy()
    let stderr = ''
    child.stderr.on('data', chunk => {
      stderr += String(chunk)
    })
    const code = await new Promise(resolve => child.once('close', resolve))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
})
