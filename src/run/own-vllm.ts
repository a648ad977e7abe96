import type { Arguments } from '../arguments/arguments.ts'
import { toMs } from '../plan/target.ts'
import { plainText } from '../report/text.ts'
import type { Host } from './host.ts'
import { serverLogPath } from './output-directory.ts'
import type { OwnServer } from './own-server.ts'

/** How often a pipe is told what is waited for; a terminal is shown it all the time. */
const tellEveryMs = 10_000
const shownLineCharacters = 200

/** vLLM as `--api local_vllm` asks for it, ready to answer. Its log goes beside the results. */
export const startOwnVllm = async (
  { values }: Arguments,
  host: Host,
  say: (line: string) => void,
): Promise<OwnServer> => {
  const { startVllm } = await import('../server/vllm/start-vllm.ts')
  const progress = showProgress(host, say)
  try {
    const server = await startVllm({
      model: values.model ?? '',
      port: values.port,
      env: host.env,
      logPath: serverLogPath(values.outputsDir, `vllm_${values.port}`, new Date()),
      limitMs: toMs(values.totalTimeout),
      signal: host.stop.draining,
      say: line => say(plainText(line)),
      onLine: progress.take,
    })
    const close = async (): Promise<void> => {
      host.status.show('ending vLLM')
      await server.close()
      host.status.clear()
    }
    return { ...server, close }
  } finally {
    progress.end()
  }
}

/** Shows the last line of a log, and for how long it has been waited. */
const showProgress = ({ status }: Host, say: (line: string) => void) => {
  let line = ''
  let waitedSec = 0
  const text = (): string => `waiting for vLLM, ${waitedSec} s: ${line}`.replace(/: $/, '')
  const timer = setInterval(() => {
    waitedSec++
    status.show(text())
    if (!status.isLive && (waitedSec * 1000) % tellEveryMs === 0) say(text())
  }, 1000)
  return {
    take: (printed: string): void => {
      line = plainText(printed).slice(0, shownLineCharacters)
      status.show(text())
    },
    end: (): void => {
      clearInterval(timer)
      status.clear()
    },
  }
}
