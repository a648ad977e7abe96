import { nowMs } from '../load/clock.ts'
import type { DownloadProgress } from '../model/hub-file.ts'
import type { Host } from './host.ts'

/** Where there is no terminal, a line is printed as often. */
const linePauseMs = 10_000

/** Shows how far downloads are: on the status line, or in a pipe as lines that come seldom enough to be read. */
export const showDownloads = ({ status }: Host, clockMs: () => number = nowMs) => {
  let lastLineMs = clockMs()
  return (progress: DownloadProgress): void => {
    const line = `downloading ${progress.name}: ${amountOf(progress)}`
    if (status.isLive) return status.show(line)
    if (clockMs() - lastLineMs < linePauseMs) return
    lastLineMs = clockMs()
    status.say(line)
  }
}

const amountOf = ({ doneBytes, totalBytes }: DownloadProgress): string => {
  if (!totalBytes) return `${megabytes(doneBytes)} MB`
  return `${megabytes(doneBytes)} of ${megabytes(totalBytes)} MB (${Math.floor((100 * doneBytes) / totalBytes)} %)`
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)
