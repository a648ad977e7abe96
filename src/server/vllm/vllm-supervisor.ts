import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { endGroup, signalGroup } from './process-group.ts'
import { notAllGone, type Order, type Report, type Request } from './supervise.ts'
import { createLineMask } from './vllm-log.ts'

// Entry of the process that supervise() starts. It lives until the command and all that this has started are gone.

/** How often the last line is told. */
const tellMs = 200
/** What was printed right before the end may still be on its way; workers that live on keep the pipe open. */
const lastLinesMs = 100

/** A request may be heard before the end of a command that was over by then. */
const noticeMs = 20

/** The command, which leads a session and so a group of its own, with its output in the log. */
const start = ({ command, env, logPath, secrets }: Order, onLine: (line: string) => void): ChildProcess => {
  const log = openSync(logPath, 'a')
  const write = (line: string): void => {
    onLine(line)
    try {
      writeSync(log, line)
    } catch {
      // A full disk must not end the server.
    }
  }
  const child = spawn(command.path, command.args, { detached: true, env, stdio: ['ignore', 'pipe', 'pipe'] })
  // At once: until then nobody could end it, should this process be killed.
  if (child.pid !== undefined) void tell({ groupId: child.pid })
  for (const stream of [child.stdout, child.stderr]) {
    const lines = createLineMask(secrets, write)
    stream?.setEncoding('utf8').on('data', lines.add).on('end', lines.end)
  }
  child.once('close', () => closeSync(log))
  return child
}

/** Resolves when it is said. That nobody listens any more is no error: `disconnect` tells of it. */
const tell = (report: Report): Promise<unknown> =>
  new Promise(resolve => {
    if (process.connected) process.send?.(report, undefined, {}, resolve)
    else resolve(undefined)
  })

/** Tells the last line now and then, if it is another one. */
const createTeller = () => {
  let last = ''
  let told = ''
  const timer = setInterval(() => {
    if (last !== told) void tell({ line: last })
    told = last
  }, tellMs)
  return {
    take: (line: string): void => {
      if (line.trim() !== '') last = line
    },
    stop: (): void => clearInterval(timer),
  }
}

const supervise = (order: Order): void => {
  const teller = createTeller()
  const child = start(order, teller.take)
  const { pid } = child
  const exit = new Promise<string>(resolve => {
    child.once('error', error => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
  const closed = new Promise(resolve => child.once('close', resolve))
  let isAsked = false
  let isEnding = false
  const exitTold = exit.then(async how => {
    const isByItself = !isEnding
    await Promise.race([closed, sleep(lastLinesMs)])
    if (isByItself) await tell({ ended: how })
  })
  const end = async (): Promise<void> => {
    if (isAsked) return
    isAsked = true
    await sleep(noticeMs)
    isEnding = true
    const isLeaderOver = (): boolean => child.exitCode !== null || child.signalCode !== null
    const isGone = pid === undefined || (await endGroup(pid, { graceMs: order.graceMs, isLeaderOver }))
    if (isGone) await exitTold
    process.exit(isGone ? 0 : notAllGone)
  }
  void exitTold.then(end)
  process.on('disconnect', () => void end())
  // A bug here must not leave a server behind.
  process.on('uncaughtException', () => {
    if (pid !== undefined) signalGroup(pid, 'SIGKILL')
    process.exit(1)
  })
  process.on('message', (request: Request) => {
    if (request === 'end') void end()
    else teller.stop()
  })
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
const leave = (): void => process.exit()
process.once('disconnect', leave)
process.once('message', (order: Order) => {
  supervise(order)
  process.off('disconnect', leave)
})
