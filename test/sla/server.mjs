import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const cli = fileURLToPath(new URL('../../bin/evalscope.mjs', import.meta.url))

/** The simulated server in a process of its own, with these flags of `evalscope serve`. */
export const startServer = flags =>
  new Promise((resolve, reject) => {
    const words = Object.entries({ '--port': 0, ...flags }).flatMap(([flag, value]) => [flag, `${value}`])
    const child = spawn(process.execPath, [cli, 'serve', ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    const read = text => {
      said += text
      const url = /http:\/\/[\d.]+:\d+/.exec(said)?.[0]
      if (url !== undefined) resolve({ url, close: () => child.kill() })
    }
    child.stdout.setEncoding('utf8').on('data', read)
    child.stderr.setEncoding('utf8').on('data', read)
    child.once('exit', code => reject(new Error(`evalscope serve ended with ${code}: ${said}`)))
  })
