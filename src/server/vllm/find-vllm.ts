import { execFile } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import type { Environment } from '../../arguments/endpoint.ts'
import { ArgumentsError } from '../../errors.ts'
import { type Launcher, vllmHost } from './vllm-command.ts'

const pythons = ['python3', 'python'] as const
/** A driver that was idle takes seconds to answer, and so does Python on a slow disk. */
const askLimitMs = 20_000

/**
 * What starts vLLM here: `vllm` on PATH, else the first of python3 and python that has the package. Throws
 * `ArgumentsError` that says what was looked for.
 */
export const findVllm = async (env: Environment): Promise<Launcher> => {
  const path = onPath('vllm', env)
  if (path !== undefined) return { kind: 'program', path }
  for (const name of pythons) {
    const pythonPath = onPath(name, env)
    if (pythonPath !== undefined && (await hasVllm(pythonPath, env))) return { kind: 'module', pythonPath }
  }
  throw new ArgumentsError(
    `--api local_vllm needs vLLM, but PATH has no vllm, and no ${pythons.join(' or ')} that can import it; ` +
      'install it (pip install vllm) and activate its environment, or start it elsewhere and give --api openai --url',
  )
}

/** What `nvidia-smi -L` prints; undefined where there is none, or it fails. */
export const listGpus = async (env: Environment): Promise<string | undefined> => {
  const path = onPath('nvidia-smi', env)
  return path === undefined ? undefined : outputOf(path, ['-L'], env)
}

/** Throws `ArgumentsError` when something listens at the port that vLLM is to have. */
export const checkPort = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be opened (${error.message})`
      reject(new ArgumentsError(`--port ${port} ${reason} on ${vllmHost}; give another, or end what listens there`))
    })
    server.listen({ host: vllmHost, port }, () => server.close(() => resolve()))
  })

// Found, not imported: that would load all of PyTorch. A mere folder called vllm has no origin.
const looksForVllm = 'import importlib.util as u, sys; s = u.find_spec("vllm"); sys.exit(not (s and s.origin))'

const hasVllm = async (pythonPath: string, env: Environment): Promise<boolean> =>
  (await outputOf(pythonPath, ['-c', looksForVllm], env)) !== undefined

/** What a program prints; undefined when it fails or takes too long. */
const outputOf = (path: string, args: readonly string[], env: Environment): Promise<string | undefined> =>
  new Promise(resolve => {
    execFile(path, args, { env, timeout: askLimitMs, killSignal: 'SIGKILL' }, (error, stdout) => {
      resolve(error === null ? stdout : undefined)
    })
  })

/** Path of a program, as a shell would find it. */
const onPath = (name: string, { PATH }: Environment): string | undefined =>
  PATH?.split(delimiter)
    .map(folder => join(folder, name))
    .find(isExecutable)

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
