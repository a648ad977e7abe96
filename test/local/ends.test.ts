import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createCli, type Running } from '../support/cli.ts'
import { commandOf, hasTerminal, processesWith, startInTerminal } from '../support/terminal.ts'
import { waitUntil } from '../support/wait.ts'
import { createPlaces, freePort } from './place.ts'

const cli = createCli()
const places = createPlaces()
/** Processes are found in there. */
const hasProc = existsSync('/proc/self/environ')
const marker = 'EVALSCOPE_TEST_OF_LOCAL'

/** A command that measures the model, and how its processes are found, whoever started them. */
const prepare = async (model: string, number: number) => {
  const id = randomUUID()
  const argv = ['perf', '--api', 'local', '--model', model, '--port', String(await freePort())]
  return {
    argv: [
      ...argv,
      '--prompt',
      'hello',
      '--number',
      String(number),
      '--max-tokens',
      '200',
      '--extra-args',
      '{"ignore_eos": true}',
    ],
    options: { directory: places.project(), env: { [marker]: id }, limitMs: 40_000 },
    alive: () => processesWith(marker, id),
    child: () => processesWith(marker, id).filter(pid => commandOf(pid).includes('local-child')),
  }
}

const untilGone = (alive: () => readonly number[]): Promise<void> => waitUntil(() => alive().length === 0)

/** Whether a process has spent more than it takes to load a model: a second of processor time. */
const isBusy = (pid: number): boolean => {
  const [, , ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(/[()]/)
  const [userTicks = 0, systemTicks = 0] = (fields[0] ?? '').split(' ').slice(12, 14).map(Number)
  return userTicks + systemTicks > 100
}

const exitOf = async (running: Running, signal: NodeJS.Signals) => {
  running.child.kill(signal)
  return running.finished
}

describe.runIf(hasProc)('the process of the model is gone', () => {
  test('after a normal end', async () => {
    const { argv, options, alive, child } = await prepare(places.model(), 8)
    const running = cli.start(argv, options)
    await running.until(/loaded in/)
    expect(child()).toHaveLength(1)
    expect((await running.finished).code).toBe(0)
    await untilGone(alive)
  })

  test.each<[what: string, signals: NodeJS.Signals[], code: number | null]>([
    ['SIGKILL to the tool', ['SIGKILL'], null],
    ['two signals, of which the second leaves at once', ['SIGTERM', 'SIGINT'], 130],
  ])('after %s, though it computes', async (_, signals, code) => {
    // A token takes many seconds: nothing that waits for it is gone in time.
    const { argv, options, alive, child } = await prepare(places.model({ labourSize: 5000 }), 4)
    const running = cli.start([...argv, '--no-test-connection'], options)
    await running.until(/requests go to/)
    expect(child()).toHaveLength(1)
    await waitUntil(() => isBusy(child()[0] as number))
    for (const signal of signals) {
      running.child.kill(signal)
      if (signal !== signals.at(-1)) await running.until(/stopping/)
    }
    expect(await running.finished).toMatchObject({ code })
    const startMs = performance.now()
    await untilGone(alive)
    expect(performance.now() - startMs).toBeLessThan(3000)
  })

  test.runIf(hasTerminal)('after Ctrl-C, which lets the requests under way end first', async () => {
    const { argv, options, alive } = await prepare(places.model({ labourSize: 300 }), 500)
    const terminal = startInTerminal(argv, { columns: 140, directory: options.directory, env: options.env })
    await terminal.until(/connection test: answered/)
    await terminal.until(/parallel_1_number_500 [1-9]/)
    terminal.interrupt()
    expect(await terminal.finished).toBe(130)
    expect(terminal.output()).toContain('loading onnx/model.onnx')
    expect(terminal.output()).toContain('Interrupted')
    expect(terminal.output()).toMatch(/\d+ \/ \d+ \/ 0 /)
    await untilGone(alive)
  })

  test('after a signal while it is starting', async () => {
    const { argv, options, alive } = await prepare(places.model(), 4)
    const running = cli.start(argv, options)
    await running.until(/^seed /m)
    expect(await exitOf(running, 'SIGINT')).toMatchObject({ code: 130, stdout: '' })
    await untilGone(alive)
  })
})

test.runIf(hasProc)('a model that is lost ends the benchmark, and one line says so', async () => {
  const { argv, options, child } = await prepare(places.model({ labourSize: 300 }), 500)
  const running = cli.start(argv, options)
  await running.until(/connection test: answered/)
  const [pid] = child()
  process.kill(pid as number, 'SIGKILL')
  const { stderr, code } = await running.finished
  expect(stderr.trimEnd().split('\n').at(-1)).toBe(
    "evalscope: the local model's process ended during the benchmark (SIGKILL); " +
      'the machine may have too little memory for the model',
  )
  expect(code).toBe(3)
})
