import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { nap } from '../../src/server/clock.ts'
import { type Order, supervise } from '../../src/server/vllm/supervise.ts'
import { waitUntil } from '../support/wait.ts'
import { isOver } from './vllm-stand-in.ts'

const root = mkdtempSync(join(tmpdir(), 'evalscope-supervise-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const tools: ChildProcess[] = []
afterEach(() => {
  for (const tool of tools.splice(0)) tool.kill('SIGKILL')
})

const hasProc = existsSync('/proc/self/stat')
const stubborn = `trap '' TERM INT HUP; echo $$ >> pids; exec sleep 20`

/** A shell script in a directory of its own, as an order. */
const orderOf = (script: string, graceMs = 5000) => {
  const directory = mkdtempSync(join(root, 'command-'))
  const logPath = join(directory, 'log')
  const text = `cd '${directory}'; ${script}`
  const order: Order = {
    command: { path: '/bin/sh', args: ['-c', text] },
    env: process.env,
    logPath,
    secrets: [],
    graceMs,
  }
  const read = (name: string): string => {
    const path = join(directory, name)
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  }
  /** Those that the script wrote into the file `pids`. */
  const pids = (): number[] => read('pids').split('\n').slice(0, -1).map(Number)
  return { order, pids, log: () => read('log') }
}

const listen = () => {
  const ends: string[] = []
  const lines: string[] = []
  const listener = { onLine: (line: string) => void lines.push(line), onEnded: (how: string) => void ends.push(how) }
  return { ends, lines, listener }
}

describe.concurrent('a supervised command', () => {
  test.each<[what: string, script: string, processes: number]>([
    ['that ends when it is asked to', 'echo $$ >> pids; exec sleep 20', 1],
    ['whose worker does not', `(${stubborn}) & echo $$ >> pids; exec sleep 20`, 2],
    ['that does not either', stubborn, 1],
    ['whose worker has made a group of its own', `set -m; (${stubborn}) & echo $$ >> pids; wait`, 2],
  ])('%s is gone once it is closed, with all its workers', async (_, script, processes) => {
    const { order, pids } = orderOf(script, 300)
    const { ends, listener } = listen()
    const supervised = supervise(order, listener)
    await waitUntil(() => pids().length === processes)
    expect(pids().some(isOver)).toBe(false)
    expect(await supervised.close()).toBe(true)
    expect(pids().every(isOver)).toBe(true)
    expect(ends).toEqual([])
    // Once more is no mistake.
    expect(await supervised.close()).toBe(true)
  })

  test('is asked to end once: what cleans up then is not interrupted', async () => {
    const counting =
      "process.on('SIGTERM', () => console.log('asked')); console.log('ready'); setInterval(() => {}, 1000)"
    const { order, log } = orderOf(`exec '${process.execPath}' -e "${counting}"`, 300)
    const supervised = supervise(order, listen().listener)
    await waitUntil(() => log() === 'ready\n')
    expect(await supervised.close()).toBe(true)
    expect(log()).toBe('ready\nasked\n')
  })

  test('that ends by itself is told of, with its output in the log, and its workers are ended', async () => {
    const { order, pids, log } = orderOf(
      `(${stubborn}) & echo out; echo err >&2; printf last; until [ -s pids ]; do sleep 0.01; done; exit 7`,
    )
    const { ends, listener } = listen()
    const supervised = supervise(order, listener)
    await waitUntil(() => ends.length > 0)
    expect(ends).toEqual(['exit code 7'])
    expect(log()).toContain('out\n')
    expect(log()).toContain('err\n')
    await supervised.close()
    expect(log()).toContain('last')
    expect(pids().map(isOver)).toEqual([true])
    expect(ends).toHaveLength(1)
  })

  test('that cannot be started is told of', async () => {
    const { order } = orderOf('')
    const { ends, listener } = listen()
    const supervised = supervise({ ...order, command: { path: join(root, 'missing'), args: [] } }, listener)
    await waitUntil(() => ends.length > 0)
    expect(ends[0]).toMatch(/missing ENOENT/)
    expect(await supervised.close()).toBe(true)
  })

  test('tells of its lines until that is too much', async () => {
    const { order, log } = orderOf('i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo "line $i"; sleep 0.02; done')
    const { lines, listener } = listen()
    const supervised = supervise(order, listener)
    const untilLonger = (): Promise<void> => {
      const length = log().length
      return waitUntil(() => log().length > length + 150)
    }
    await waitUntil(() => lines.length > 1)
    expect(lines.join('')).toMatch(/^(line \d+\n)+$/)
    supervised.hush()
    await untilLonger()
    const told = lines.length
    await untilLonger()
    expect(lines).toHaveLength(told)
    await supervised.close()
  })

  test.skipIf(!hasProc)('whose supervisor is killed is ended, and told of', async () => {
    const { order, pids } = orderOf(`echo begun; ${stubborn}`)
    const { ends, lines, listener } = listen()
    const supervised = supervise(order, listener)
    // Its group is known before its lines are.
    await waitUntil(() => pids().length === 1 && lines.length > 0)
    const stat = readFileSync(`/proc/${pids()[0]}/stat`, 'latin1')
    process.kill(Number(stat.split(') ')[1]?.split(' ')[1]), 'SIGKILL')
    await waitUntil(() => pids().every(isOver))
    await waitUntil(() => ends.length > 0)
    expect(ends).toEqual(['its supervisor ended, SIGKILL'])
    await supervised.close()
  })
})

test('a command that has ended right before it is closed is told of all the same', async () => {
  const { order, pids } = orderOf('echo $$ >> pids; exit 7')
  const { ends, listener } = listen()
  const supervised = supervise(order, listener)
  const hasEnded = (): boolean => pids().length === 1 && pids().every(isOver)
  // Waits without a turn of the event loop, in which it could be told.
  for (const untilMs = performance.now() + 5000; !hasEnded() && performance.now() < untilMs; ) nap(5)
  expect(hasEnded()).toBe(true)
  await supervised.close()
  expect(ends).toEqual(['exit code 7'])
})

test('SIGINT to the whole group of the tool does not reach the command, and SIGKILL ends it too', async () => {
  const { order, pids } = orderOf(`(${stubborn}) & (${stubborn}) & echo $$ >> pids; exec sleep 20`)
  const script = `
    import { supervise } from ${JSON.stringify(new URL('../../dist/server/vllm/supervise.js', import.meta.url).href)}
    process.on('SIGINT', () => console.log('signalled'))
    supervise(${JSON.stringify(order)}, { onLine() {}, onEnded: console.log })
    setInterval(() => {}, 1000)`
  const tool = spawn(process.execPath, ['--input-type=module', '-e', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  tools.push(tool)
  await waitUntil(() => pids().length === 3)
  const said = new Promise(resolve => tool.stdout.once('data', (text: Buffer) => resolve(text.toString())))
  process.kill(-(tool.pid ?? 0), 'SIGINT')
  expect(await said).toBe('signalled\n')
  expect(pids().some(isOver)).toBe(false)
  process.kill(-(tool.pid ?? 0), 'SIGKILL')
  await waitUntil(() => pids().every(isOver))
})
