import { type ChildProcess, spawn } from 'node:child_process'
import { afterEach, expect, test } from 'vitest'
import { eventually } from './client.ts'

const serveUrl = new URL('../../dist/cli/serve.js', import.meta.url).href
const errorsUrl = new URL('../../dist/errors.js', import.meta.url).href

/** The command alone, with the program's own way to report errors. */
const script = `
  import { Command } from ${JSON.stringify(import.meta.resolve('commander'))}
  import { addServeCommand } from ${JSON.stringify(serveUrl)}
  import { UserError } from ${JSON.stringify(errorsUrl)}
  const program = new Command('evalscope')
  addServeCommand(program)
  try {
    await program.parseAsync()
  } catch (error) {
    console.error(error instanceof UserError ? error.message : error)
    process.exitCode = error.exitCode ?? 70
  }`

interface Run {
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>
}

const running: ChildProcess[] = []
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

const serve = (...flags: string[]): Run => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, '--', 'serve', ...flags])
  running.push(child)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', part => {
    stdout += part
  })
  child.stderr.on('data', part => {
    stderr += part
  })
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>(resolve => {
    child.once('close', code => resolve({ code, stdout, stderr }))
  })
  return { child, stdout: () => stdout, ended }
}

/** Waits for the one line that the server prints; the address in it. */
const addressOf = async (run: Run): Promise<string> => {
  await eventually(async () => run.stdout().includes('\n'))
  return /http:\/\/[\d.:]+/.exec(run.stdout())?.[0] ?? ''
}

test.each(['SIGINT', 'SIGTERM'] as const)('serves until %s and ends cleanly', async signal => {
  const run = serve('--port', '0', '--model', 'mini')
  const url = await addressOf(run)
  expect(await (await fetch(`${url}/v1/models`)).json()).toMatchObject({ data: [{ id: 'mini' }] })
  run.child.kill(signal)
  const { code, stdout, stderr } = await run.ended
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toBe(`Simulated server "mini" listens on ${url}/v1 (Ctrl-C ends it)\n`)
})

test('every knob has a flag that reaches the engine', async () => {
  const flags = ['--itl=20', '--batch-scale=40', '--max-batch=40', '--prefill-base=200', '--prefill-rate=4000']
  const more = ['--output-tokens=11', '--output-spread=0', '--error-rate=0.25', '--desync', '--seed=9']
  const { code, stdout } = await serve('--explain', ...flags, ...more).ended
  expect(code).toBe(0)
  for (const line of [
    /200 ms \+ 0\.25 ms per prompt token/,
    /ITL +20\.5 ms/,
    /Output tokens +11,/,
    /25 % of requests/,
  ]) {
    expect(stdout).toMatch(line)
  }
  expect(stdout).toMatch(/Knee +40 requests/)
  expect(stdout).toMatch(/spread over the step/)
})

test('--help names every knob with its unit and default', async () => {
  const { stdout } = await serve('--help').ended
  for (const flag of ['--itl <ms>', '--prefill-rate <tok/s>', '--max-batch <n>', '--error-rate <share>', '--desync']) {
    expect(stdout).toContain(flag)
  }
  expect(stdout).toContain('(default: 8)')
})

test.each([
  [['--itl', '0'], '--itl must be a time above 0 ms, got "0"'],
  [['--seed', ''], '--seed must be a whole number, got ""'],
  [['--port', '70000'], '--port must be a port from 0 to 65535, got "70000"'],
  [['--host', '203.0.113.1', '--port', '0'], 'cannot listen on 203.0.113.1:0 (EADDRNOTAVAIL); choose another'],
  [['--tokenizer-path', '/no/such/directory'], '--tokenizer-path /no/such/directory does not exist'],
])('%j is refused in one line', async (flags, message) => {
  const { code, stderr } = await serve(...flags).ended
  expect(code).toBe(2)
  expect(stderr).toContain(message)
  expect(stderr.trim()).not.toContain('\n')
})

test('a port in use is one line that says what to do', async () => {
  const first = serve('--port', '0')
  const { port } = new URL(await addressOf(first))
  const { code, stderr } = await serve('--port', port).ended
  expect(code).toBe(2)
  expect(stderr).toBe(`127.0.0.1:${port} is in use; choose another with --port (0 for a free one) or --host\n`)
})
