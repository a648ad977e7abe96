import { plainText } from '../plain-text.ts'
import type { Host } from './host.ts'
import type { Log } from './log.ts'

/** Tells the user and the log what happens. */
export interface Teller {
  /** Says a line, unless it was said before. */
  say(line: string): void
  /** Lines from before there was a log go into it too. */
  useLog(log: Log): void
}

/** A teller that speaks through the host's status line. */
export const createTeller = (host: Host): Teller => {
  const said = new Set<string>()
  let log: Log | undefined
  return {
    say: told => {
      const line = plainText(told)
      if (said.has(line)) return
      said.add(line)
      host.status.say(line)
      log?.info(line)
    },
    useLog: opened => {
      log = opened
      for (const line of said) opened.info(line)
    },
  }
}
