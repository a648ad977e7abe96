import { closeSync, openSync, writeSync } from 'node:fs'
import { pino } from 'pino'
import { ArgumentsError, reasonOf } from '../errors.ts'
import { plainLines } from '../plain-text.ts'

/** What a run writes into `benchmark.log`. */
export interface Log {
  info(text: string): void
  warn(text: string): void
  /** Kept with `--debug` only. */
  debug(text: string): void
  close(): void
}

interface LogLine {
  readonly time: number
  readonly level: number
  readonly msg: string
}

/** A log file in the original's form: `2026-01-01 12:00:00 - evalscope - INFO: text`. Written as it happens. */
export const openLog = (path: string, keepsDebug: boolean): Log => {
  const file = open(path)
  let isBroken = false
  // Synchronous, so that no line is lost when the process leaves; the text form is what users of the original read.
  const destination = {
    write: (line: string): void => {
      if (isBroken) return
      try {
        writeSync(file, readable(JSON.parse(line) as LogLine))
      } catch {
        // A full disk must not end the run; the database reports it.
        isBroken = true
      }
    },
  }
  const logger = pino({ level: keepsDebug ? 'debug' : 'info', base: null }, destination)
  return {
    info: text => logger.info(text),
    warn: text => logger.warn(text),
    debug: text => logger.debug(text),
    close: () => {
      isBroken = true
      closeSync(file)
    },
  }
}

const open = (path: string): number => {
  try {
    return openSync(path, 'a')
  } catch (error) {
    throw new ArgumentsError(`cannot write ${path}: ${reasonOf(error)}; give another --outputs-dir`, { cause: error })
  }
}

const readable = ({ time, level, msg }: LogLine): string =>
  `${timeText(new Date(time))} - evalscope - ${pino.levels.labels[level]?.toUpperCase()}: ${plainLines(msg)}\n`

const timeText = (time: Date): string => {
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 19).replace('T', ' ')
}
