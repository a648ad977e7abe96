import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

/** A server that nobody here wrote, in a process of its own. */
export interface ForeignServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  close(): Promise<void>
}

/** How long a server may take to listen. */
const startLimitMs = 15_000

/** `@copilotkit/aimock`: chat, Responses, Anthropic, Ollama, embeddings; answers as the fixtures file says. */
export const startAimock = (fixtures: string): Promise<ForeignServer> =>
  start(['.bin/llmock', '-p', '0', '-f', fixtures, '-c', '5', '--journal-max', '100'], {})

/** `@dwmkerr/mock-llm`: chat that says the prompt again, in one chunk and without usage. */
export const startMockLlm = async (): Promise<ForeignServer> =>
  start(['.bin/mock-llm'], { HOST: '127.0.0.1', PORT: String(await freePort()) })

const start = async ([program = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<ForeignServer> => {
  const path = fileURLToPath(new URL(`node_modules/${program}`, import.meta.url))
  const child = spawn(process.execPath, [path, ...args], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  try {
    return { url: await listeningAt(child), close: () => close(child) }
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

/** The address that it prints once it listens. */
const listeningAt = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let told = ''
    const fail = (what: string): void => reject(new Error(`the server ${what}; it said: ${told}`))
    const timer = setTimeout(() => fail(`did not listen within ${startLimitMs} ms`), startLimitMs)
    const look = (bytes: Buffer): void => {
      told += bytes.toString()
      const port = /(?:listening on|running on) (?:http:\/\/)?[\d.]+:(\d+)/.exec(told)?.[1]
      if (port === undefined) return
      clearTimeout(timer)
      resolve(`http://127.0.0.1:${port}`)
    }
    child.stdout?.on('data', look)
    child.stderr?.on('data', look)
    child.once('exit', () => fail('ended'))
  })

const close = (child: ChildProcess): Promise<void> =>
  new Promise(resolve => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
