import { execFile, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { loadPath, requestBody } from './clients/slots.mjs'

const here = path => fileURLToPath(new URL(path, import.meta.url))

const start = (path, execArgv = []) =>
  fork(here(path), [], { execArgv, serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })

/** The next message that has `key`; rejects when the process ends before. */
const messageWith = (child, key) =>
  new Promise((resolve, reject) => {
    const onMessage = message => {
      if (!(key in message)) return
      stop()
      resolve(message[key])
    }
    const onExit = code => {
      stop()
      reject(new Error(`a process of the benchmark ended (${code}) before it told ${key}`))
    }
    const stop = () => child.off('message', onMessage).off('exit', onExit)
    child.on('message', onMessage).on('exit', onExit)
  })

/** Starts the source in a process of its own. */
export const startSource = async () => {
  const child = start('source/process.mjs')
  const url = await messageWith(child, 'url')
  const ask = (question, key) => {
    const answer = messageWith(child, key)
    child.send(question)
    return answer
  }
  return {
    url,
    configure: load => ask({ configure: load }, 'configured'),
    report: () => ask({ report: true }, 'report'),
    held: () => messageWith(child, 'held'),
    release: () => child.send({ release: true }),
    close: () => child.disconnect(),
  }
}

const inNode = async (name, load, nodeFlags, whileRunning = async () => {}) => {
  const child = start('clients/process.mjs', ['--expose-gc', ...nodeFlags])
  try {
    const result = messageWith(child, 'result')
    child.send({ name, load })
    await Promise.race([whileRunning(child), result])
    return await result
  } finally {
    if (child.connected) child.disconnect()
  }
}

const inPython = async (python, load) => {
  const asked = { ...load, path: loadPath, body: requestBody(load) }
  const { stdout } = await promisify(execFile)(python, [here('clients/aiohttp_client.py'), JSON.stringify(asked)])
  return JSON.parse(stdout)
}

/** Runs what needs no source, in a new process. */
export const runAlone = (name, load) => inNode(name, load, [])

/**
 * Puts `load` on the source with one client, in a new process; gives the client's report and the source's. With
 * `load.holdAt` the answer to that request waits until it is measured what the client holds (`heldMb`).
 */
export const runClient = async (source, name, load, { nodeFlags = [], python = 'python3' } = {}) => {
  await source.configure(load)
  const asked = { ...load, url: source.url }
  let heldMb
  const measureHeld = async child => {
    if (load.holdAt === undefined) return
    await source.held()
    const measured = messageWith(child, 'heldMb')
    child.send({ measureHeld: true })
    heldMb = await measured
    source.release()
  }
  const client = name === 'aiohttp' ? await inPython(python, asked) : await inNode(name, asked, nodeFlags, measureHeld)
  return { client: { ...client, heldMb }, source: await source.report() }
}
