import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const start = (file, execArgv = []) =>
  fork(fileURLToPath(new URL(file, import.meta.url)), [], {
    execArgv,
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })

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

/**
 * Puts `load` on the source with one client, in a new process; gives the client's report and the source's. `flags` are
 * Node's own.
 */
export const runClient = async (source, name, load, flags = []) => {
  await source.configure(load)
  const child = start('clients/process.mjs', ['--expose-gc', ...flags])
  try {
    const result = messageWith(child, 'result')
    child.send({ name, load: { ...load, url: source.url } })
    if (load.holdAt !== undefined) {
      await Promise.race([source.held(), result])
      const measured = messageWith(child, 'heldMb')
      child.send({ measureHeld: true })
      await Promise.race([measured, result])
      source.release()
    }
    const client = await result
    return { client, source: await source.report() }
  } finally {
    if (child.connected) child.disconnect()
  }
}
