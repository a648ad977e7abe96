import { execFile, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { anchors, inputFiles, phaseOf } from './shapes.mjs'
import { startWatchedServer } from './watched-server.mjs'

const bin = fileURLToPath(new URL('../../bin/evalscope.mjs', import.meta.url))
/** Requests under way get 5 s after a signal. */
const endLimitMs = 15_000
/** A server of the program's own ends when its channel does. */
const childLimitMs = 3000

/**
 * Starts the program in an empty directory, sends it the signals of `blow` and waits until it and all that it has
 * started are gone. Gives when that was, what it said, and what its server knows.
 */
export const strike = async ({ shape, blow, anchor, delayMs, gapMs, directory }) => {
  makeDirectories(directory)
  const program = await startProgram(shape, directory)
  await Promise.race([program.reached(anchors[anchor].isReached), program.ended])
  await Promise.race([sleep(delayMs), program.ended])
  const phase = phaseOf(program)
  let lastPhase = phase
  let [signalledMs, sent] = [performance.now(), 0]
  for (const [position, signal] of blow.signals.entries()) {
    if (position > 0) await Promise.race([sleep(gapMs), program.ended])
    if (program.hasEnded) break
    signalledMs = performance.now()
    lastPhase = phaseOf(program)
    send(program.child, signal, blow.toGroup)
    sent++
  }
  const hung = setTimeout(() => send(program.child, 'SIGKILL', true), endLimitMs)
  const { code, signal } = await program.ended
  clearTimeout(hung)
  const isHung = performance.now() - signalledMs > endLimitMs
  const left = await processesLeft(program.child.pid)
  await program.closeServer()
  const { stdout, stderr, server } = program
  return { phase, lastPhase, sent, code, signal, signalledMs, isHung, left, stdout, stderr, server, directory }
}

const makeDirectories = directory => {
  for (const name of ['work', 'tmp']) mkdirSync(join(directory, name), { recursive: true })
  for (const [name, content] of Object.entries(inputFiles)) writeFileSync(join(directory, 'work', name), content)
}

/** The environment of the program: nothing of the machine's, and a place for temporary files that can be looked at. */
const environmentOf = ({ preload }, directory) => ({
  PATH: process.env.PATH,
  HOME: directory,
  TMPDIR: join(directory, 'tmp'),
  HF_HUB_OFFLINE: '1',
  EVALSCOPE_CACHE: '/nonexistent',
  ...(preload === undefined ? {} : { NODE_OPTIONS: `--require ${preload}` }),
})

const startProgram = async (shape, directory) => {
  const waiting = new Set()
  const look = () => {
    for (const check of waiting) check()
  }
  const server = shape.knobs && (await startWatchedServer(shape.knobs, look))
  const where = server === undefined ? [] : ['--url', server.url, '--model', 'm']
  // A group of its own, so that signals can go to all of it, and what is left of it can be found.
  const child = spawn(process.execPath, [bin, 'perf', ...where, ...shape.flags], {
    cwd: join(directory, 'work'),
    env: environmentOf(shape, directory),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const program = { child, shape, server: server?.state, stdout: '', stderr: '', hasEnded: false }
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', text => {
      program[name] += text
      look()
    })
  }
  child.once('exit', () => {
    program.hasEnded = true
  })
  program.ended = new Promise(resolve => child.once('close', (code, signal) => resolve({ code, signal })))
  program.closeServer = async () => server?.close()
  program.reached = isReached =>
    new Promise(resolve => {
      const check = () => {
        if (!isReached(program)) return
        waiting.delete(check)
        resolve()
      }
      waiting.add(check)
      check()
    })
  return program
}

const send = (child, signal, toGroup) => {
  try {
    process.kill(toGroup ? -child.pid : child.pid, signal)
  } catch (error) {
    // It has just ended by itself.
    if (error.code !== 'ESRCH') throw error
  }
}

/** Command lines of what still lives in a process group; waits for its end. */
const processesLeft = async group => {
  const untilMs = performance.now() + childLimitMs
  for (;;) {
    const living = await livingIn(group)
    if (living.length === 0 || performance.now() > untilMs) return living
    await sleep(50)
  }
}

const livingIn = async group => {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pgid=,stat=,args='])
  return stdout
    .split('\n')
    .map(line => /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [])
    .filter(([, pgid, state]) => Number(pgid) === group && !state.startsWith('Z'))
    .map(([, , , args]) => args)
}

/** Runs `evalscope report` on a directory of results. */
export const report = async (directory, shape, root) => {
  const child = spawn(process.execPath, [bin, 'report', directory], {
    cwd: root,
    env: environmentOf(shape, root),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', text => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr += text
  })
  const code = await new Promise(resolve => child.once('close', resolve))
  return { code, stdout, stderr }
}

/** Whether this version has the command. */
export const hasReport = async () => {
  const child = spawn(process.execPath, [bin, 'report', '--help'], { stdio: 'ignore' })
  return (await new Promise(resolve => child.once('close', resolve))) === 0
}
