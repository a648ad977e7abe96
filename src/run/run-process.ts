import { readFileSync } from 'node:fs'

/** The process that makes a run, so that another can tell whether it still does. */
export type RunProcess = {
  readonly pid: number
  /** Which of all processes with this number it is; null where the system does not tell. */
  readonly start: string | null
}

/** This one. */
export const thisProcess = (): RunProcess => ({ pid: process.pid, start: startOf(process.pid) ?? null })

/** Whether that process is there, as far as this machine can tell: one in another container is not seen. */
export const isAlive = ({ pid, start }: RunProcess): boolean => {
  if (start !== null) return startOf(pid) === start
  try {
    // Sends nothing.
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** When a process was started, and since which start of the machine that counts; numbers are given out again. */
const startOf = (pid: number): string | undefined => {
  try {
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8)
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The program's name stands in parentheses and may hold blanks; behind it the state, and the start as 20th field.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // Z has ended, and waits for its parent to take notice: in a container without an init that may be for ever.
    return fields[0] === 'Z' ? undefined : `${bootId}-${fields[19]}`
  } catch {
    return undefined
  }
}
