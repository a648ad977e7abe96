import { parentPort, workerData } from 'node:worker_threads'
import { ArgumentsError, UserError } from '../../errors.ts'
import { loadModel } from './load-model.ts'
import type { LocalOptions, LocalReport, Telling } from './local-messages.ts'
import { openLocalServer } from './local-wire.ts'

// Entry of the thread in which the child process holds its model. The model computes without a pause, so that this
// thread could not hear that the parent is gone; the child's main thread can.

const report = (message: LocalReport): void => parentPort?.postMessage(message)

const start = async (options: LocalOptions): Promise<LocalReport> => {
  try {
    const server = await openLocalServer(options.port).catch(error => {
      throw portError(options.port, error)
    })
    const tell: Telling = {
      say: say => report({ say }),
      show: show => report({ show }),
      progress: progress => report({ progress }),
    }
    server.serve(await loadModel(options, tell))
    return { url: server.url }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error), isUserError: error instanceof UserError }
  }
}

const portError = (port: number, error: NodeJS.ErrnoException): Error => {
  const remedy = error.code === undefined ? undefined : portRemedies[error.code]
  return remedy === undefined
    ? error
    : new ArgumentsError(`--port ${port} cannot be had (${error.code}): ${remedy}`, { cause: error })
}

const portRemedies: Readonly<Record<string, string>> = {
  EADDRINUSE: 'end what listens there, or give another --port',
  EACCES: 'give a --port from 1024 on',
}

void start(workerData as LocalOptions).then(report)
