import { setTimeout as sleep } from 'node:timers/promises'
import type { Environment } from '../../arguments/endpoint.ts'
import { environmentSecrets } from '../../arguments/known-secrets.ts'
import { TargetUnreachableError } from '../../errors.ts'
import { joinSignals } from '../../net/join-signals.ts'
import { monotonicMs } from '../clock.ts'
import { checkPort, findVllm, listGpus } from './find-vllm.ts'
import { supervise } from './supervise.ts'
import { type Command, gpuCount, shellText, vllmCommand, vllmEnvironment, vllmHost } from './vllm-command.ts'
import { lastWords, readTail } from './vllm-log.ts'

/** How to start vLLM, and who hears of it. */
export interface VllmOptions {
  /** Directory or hub id. */
  readonly model: string
  readonly port: number
  readonly env: Environment
  /** All its output goes to the end of this file, without the secrets of the environment. */
  readonly logPath: string
  /** It must be ready by then. */
  readonly limitMs: number
  /** Ends the waiting. */
  readonly signal: AbortSignal
  readonly say: (line: string) => void
  /** Takes the last line of its log while it is waited for, a few times a second. */
  readonly onLine: (line: string) => void
}

/** A vLLM that is ready. */
export interface VllmServer {
  /** Base address without a path, `http://127.0.0.1:8877`. */
  readonly url: string
  /** Aborts when it ends by itself; the reason is a `TargetUnreachableError` that has its last words. */
  readonly lost: AbortSignal
  /** Ends it and resolves when all its processes are gone, and with them what they held of the GPUs. */
  close(): Promise<void>
}

/** vLLM gives its own processes 5 s. */
const graceMs = 10_000

/**
 * Starts vLLM and resolves when it is ready. Throws `ArgumentsError` when it is not there or the port is taken,
 * `TargetUnreachableError` when it ends or is late, and the signal's reason when that aborts; it is gone then.
 */
export const startVllm = async (options: VllmOptions): Promise<VllmServer> => {
  const { port, env, logPath, say } = options
  const command = await commandFor(options)
  options.signal.throwIfAborted()
  say(`starting vLLM: ${shellText(command)}; its log: ${logPath}`)
  const lost = new AbortController()
  const words = (): string => `it said last: ${lastWords(readTail(logPath)) || 'nothing'}; its log: ${logPath}`
  let when = 'before it was ready'
  const supervised = supervise(
    { command, env: vllmEnvironment(env), logPath, secrets: environmentSecrets(env), graceMs },
    {
      onLine: options.onLine,
      onEnded: how => lost.abort(new TargetUnreachableError(`vLLM ended ${when} (${how}); ${words()}; ${advice}`)),
    },
  )
  const close = async (): Promise<void> => {
    if (!(await supervised.close())) say('not all processes of vLLM could be ended; see ps and nvidia-smi')
  }
  const url = `http://${vllmHost}:${port}`
  const startedMs = monotonicMs()
  const joined = joinSignals([options.signal, lost.signal])
  try {
    const limit = (): Error =>
      new TargetUnreachableError(`vLLM was not ready within ${options.limitMs / 1000} s (--total-timeout); ${words()}`)
    await untilHealthy(url, joined.signal, startedMs + options.limitMs, limit)
  } catch (error) {
    await close()
    throw error
  } finally {
    joined.release()
  }
  supervised.hush()
  when = 'during the benchmark'
  say(`vLLM is ready after ${Math.round((monotonicMs() - startedMs) / 1000)} s`)
  return { url, lost: lost.signal, close }
}

const commandFor = async ({ model, port, env }: VllmOptions): Promise<Command> => {
  const launcher = await findVllm(env)
  await checkPort(port)
  return vllmCommand(launcher, { model, port, gpus: gpuCount(env, await listGpus(env)) })
}

const advice = 'for other settings start it yourself and give --api openai --url'

const pauseMs = 200
/** Its socket is bound long before it answers. */
const healthLimitMs = 2000

const untilHealthy = async (url: string, signal: AbortSignal, untilMs: number, limit: () => Error): Promise<void> => {
  for (;;) {
    signal.throwIfAborted()
    const leftMs = untilMs - monotonicMs()
    if (leftMs <= 0) throw limit()
    const patience = joinSignals([signal], Math.ceil(Math.min(healthLimitMs, leftMs)))
    if (await isHealthy(url, patience.signal).finally(() => patience.release())) return
    await sleep(Math.min(pauseMs, leftMs), undefined, { signal }).catch(() => undefined)
  }
}

const isHealthy = async (url: string, signal: AbortSignal): Promise<boolean> => {
  try {
    const answer = await fetch(`${url}/health`, { signal, redirect: 'manual' })
    await answer.body?.cancel()
    return answer.ok
  } catch {
    return false
  }
}
