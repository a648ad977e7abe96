import { plainText } from './plain-text.ts'

/**
 * Exit codes of the process; the only place that gives them numbers.
 * 129, 130 and 143 follow the shell's convention of 128 + signal number.
 */
export const exitCodes = {
  done: 0,
  notPassed: 1,
  badInput: 2,
  unreachable: 3,
  bug: 70,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const

/** A line that is longer hides what it says; it quotes a file, or a path, that is none. */
const mostMessageChars = 4000

const cut = (text: string): string => (text.length > mostMessageChars ? `${text.slice(0, mostMessageChars)}…` : text)

/** A mistake of the user: printed as one line without a stack, which whatever foreign text it quotes cannot break. */
export class UserError extends Error {
  readonly exitCode: number = exitCodes.badInput

  constructor(message: string, options?: ErrorOptions) {
    super(cut(plainText(message)), options)
  }
}

/** Wrong arguments or input files: what is wrong, what was given, what to do. */
export class ArgumentsError extends UserError {
  override readonly name = 'ArgumentsError'
}

/** A plugin that is unknown, cannot be loaded or does not keep its contract. */
export class PluginError extends UserError {
  override readonly name = 'PluginError'
}

/** The endpoint cannot be reached or refuses the connection test. */
export class TargetUnreachableError extends UserError {
  override readonly name = 'TargetUnreachableError'
  override readonly exitCode = exitCodes.unreachable
}

/** Results could not be written; what was measured has been shown. */
export class OutputError extends UserError {
  override readonly name = 'OutputError'
  override readonly exitCode = exitCodes.notPassed
}

/** A worker thread ended before its time, by a bug of ours or of a plugin's; what had been measured is kept. */
export class WorkerError extends UserError {
  override readonly name = 'WorkerError'
  override readonly exitCode = exitCodes.bug
}

/** A load that stood still, by a bug of ours or of a plugin's; what had been measured is kept. */
export class StalledError extends UserError {
  override readonly name = 'StalledError'
  override readonly exitCode = exitCodes.bug
}

/** What a caught value says, on one line: the part of an error message that somebody else wrote. */
export const reasonOf = (error: unknown): string => {
  try {
    return plainText(String(error instanceof Error ? error.message : error))
  } catch {
    // Plugins may throw what has no text.
    return 'an error without words'
  }
}
