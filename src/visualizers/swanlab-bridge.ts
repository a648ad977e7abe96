import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Environment } from '../arguments/endpoint.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import { unlessAborted } from '../net/dispatcher.ts'
import { joinSignals } from '../net/join-signals.ts'
import { type Credentials, usualSwanlabHost } from './credentials.ts'
import { type FollowedBenchmark, type Logged, ServiceRefusal, type VisualizerClient } from './visualizer.ts'

/** A key that stands for files on this machine instead of a service. */
export const localKey = 'local'

/** Beside the compiled code, and beside the source. */
const scripts = ['../assets/bridge.py', './bridge.py'].map(path => fileURLToPath(new URL(path, import.meta.url)))
/** Importing the package takes seconds on a cold disk. */
const importMs = 20_000
/** What it gets to leave by itself. */
const leaveMs = 2000

/**
 * SwanLab through its own package in a Python process; undefined where this machine has no Python with it, or `stop` came
 * before it was there. Its answers come one for each order.
 */
export const openSwanlabBridge = async (
  credentials: Credentials,
  env: Environment,
  stop: AbortSignal,
): Promise<SwanlabBridge | undefined> => {
  const script = scripts.find(existsSync)
  if (script === undefined || stop.aborted) return undefined
  const bridge = new SwanlabBridge(credentials, startPython(script, env))
  const limited = joinSignals([stop], importMs)
  limited.signal.addEventListener('abort', () => bridge.kill())
  try {
    return 'ready' in (await bridge.hear()) ? bridge : undefined
  } catch {
    return undefined
  } finally {
    limited.release()
  }
}

const startPython = (script: string, env: Environment): ChildProcess =>
  spawn(process.platform === 'win32' ? 'python' : 'python3', ['-u', script], {
    env: { ...env, PYTHONIOENCODING: 'utf-8' },
    // Its key comes on stdin, where no list of processes shows it.
    stdio: ['pipe', 'pipe', 'ignore'],
  })

interface Waiter {
  readonly resolve: (answer: JsonObject) => void
  readonly reject: (error: Error) => void
}

/** One Python process that obeys orders. */
export class SwanlabBridge implements VisualizerClient {
  readonly service = 'swanlab'
  readonly #credentials: Credentials
  readonly #child: ChildProcess
  readonly #waiters: Waiter[] = []
  #rest = ''
  #ended: Error | undefined

  constructor(credentials: Credentials, child: ChildProcess) {
    this.#credentials = credentials
    this.#child = child
    const end = (): void => this.#end(new ServiceRefusal('the Python process of swanlab has ended'))
    child.once('error', end)
    child.once('close', end)
    child.stdin?.on('error', end)
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take(text))
  }

  /** The next answer. */
  hear(): Promise<JsonObject> {
    return new Promise((resolve, reject) => {
      if (this.#ended === undefined) this.#waiters.push({ resolve, reject })
      else reject(this.#ended)
    })
  }

  async logIn(signal: AbortSignal): Promise<void> {
    const { key, host } = this.#credentials
    // Older versions know no other host than their own.
    const options = { api_key: key, ...(host !== usualSwanlabHost && { host }) }
    if (key !== localKey) await this.#order({ call: 'login', options }, signal)
  }

  async begin(benchmark: FollowedBenchmark, signal: AbortSignal): Promise<undefined> {
    const { project, name, config, directory } = benchmark
    const { key, workspace } = this.#credentials
    const options = {
      project,
      experiment_name: name,
      config,
      ...(workspace !== undefined && { workspace }),
      ...(key === localKey && { mode: 'local' }),
    }
    await this.#order({ call: 'init', directory, options }, signal)
  }

  async send(batch: readonly Logged[], signal: AbortSignal): Promise<undefined> {
    for (const item of batch) await this.#order(orderOf(item), signal)
  }

  async finish(isComplete: boolean, signal: AbortSignal): Promise<void> {
    await this.#order({ call: 'finish', complete: isComplete }, signal)
  }

  close(): void {
    this.#child.stdin?.end()
    setTimeout(() => this.kill(), leaveMs).unref()
    this.#child.unref()
  }

  /** Ends it at once. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }

  async #order(order: JsonObject, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const heard = this.hear()
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`)
    const answer = await unlessAborted(heard, signal)
    // Its own client tries again by itself: what it gives up is lost.
    if (typeof answer.failed === 'string') throw new ServiceRefusal(answer.failed)
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#waiters.shift()?.resolve(readAnswer(line))
  }

  #end(error: Error): void {
    this.#ended ??= error
    for (const { reject } of this.#waiters.splice(0)) reject(this.#ended)
  }
}

const orderOf = (item: Logged): JsonObject => {
  const { step } = item
  if (item.kind === 'table') {
    const { columns, rows } = item
    return { call: 'table', name: `${item.run}/${item.title}`, columns, rows, step }
  }
  if (item.kind === 'row') return { call: 'log', figures: item.figures, step }
  const entries = Object.entries(item.figures).map(([name, value]) => [`${item.run}/${name}`, value] as const)
  return { call: 'log', figures: Object.fromEntries(entries), step }
}

const readAnswer = (line: string): JsonObject => {
  try {
    const answer: unknown = JSON.parse(line)
    return isJsonObject(answer) ? answer : {}
  } catch {
    return { failed: 'an answer that is no JSON' }
  }
}
