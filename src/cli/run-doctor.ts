import { exitCodes } from '../errors.ts'
import { hasAnyHeld } from '../report/doctor-conclusions.ts'
import { doctorJson } from '../report/doctor-json.ts'
import { doctorText } from '../report/doctor-table.ts'
import { StatusLine } from '../report/status-line.ts'
import { examine } from '../run/doctor/examine.ts'
import { keepFloor } from '../run/doctor/keep-floor.ts'
import type { DoctorOptions } from './doctor.ts'

/**
 * Examines this machine: tables on stdout, everything else on stderr. Gives the exit code, which is 1 when not even the
 * smallest load was measured as it is. A signal ends it at once; nothing is lost by that.
 */
export const runDoctorCommand = async ({ json, quick }: DoctorOptions): Promise<number> => {
  const status = new StatusLine(process.stderr)
  const lastActs = new Set<() => void>()
  const leave = (signal: NodeJS.Signals): void => {
    for (const act of lastActs) act()
    status.say('stopped before the end: nothing is kept')
    process.exit(signal === 'SIGTERM' ? exitCodes.terminated : exitCodes.interrupted)
  }
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const signal of signals) process.once(signal, leave)
  try {
    const report = await examine({ isQuick: quick ?? false, status, lastActs })
    process.stdout.write(json ? `${JSON.stringify(doctorJson(report), null, 2)}\n` : `\n${doctorText(report)}\n`)
    if (!hasAnyHeld(report)) return exitCodes.notPassed
    if (!report.isQuick) status.say(keepFloor(report, process.env))
    return exitCodes.done
  } finally {
    for (const signal of signals) process.off(signal, leave)
  }
}
