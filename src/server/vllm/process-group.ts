import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicMs } from '../clock.ts'

const lookMs = 50
/** What the main process leaves behind when it is over gets this long: nobody waits for it any more. */
const orphanLimitMs = 500
/** A process that is killed inside a GPU's driver may need seconds to go. */
const killLimitMs = 30_000

/** How to end a group of processes. */
export interface EndOptions {
  /** From SIGTERM to SIGKILL, as long as the main process takes part. */
  readonly graceMs: number
  /** Whether the process that started the others is over. */
  isLeaderOver(): boolean
}

/**
 * Ends all processes of the group that the process `groupId` leads: SIGTERM, some time, SIGKILL until none is left.
 * False when some are there all the same.
 */
export const endGroup = async (groupId: number, { graceMs, isLeaderOver }: EndOptions): Promise<boolean> => {
  signalGroup(groupId, 'SIGTERM')
  let limitMs = monotonicMs() + graceMs
  let hasLeader = true
  while (isAlive(groupId) && monotonicMs() < limitMs) {
    if (hasLeader && isLeaderOver()) {
      hasLeader = false
      limitMs = Math.min(limitMs, monotonicMs() + orphanLimitMs)
    }
    await sleep(lookMs)
  }
  limitMs = monotonicMs() + killLimitMs
  while (isAlive(groupId) && monotonicMs() < limitMs) {
    signalGroup(groupId, 'SIGKILL')
    await sleep(lookMs)
  }
  return !isAlive(groupId)
}

/** Sends a signal to the group, and to what left it without leaving the session; no member is no mistake. */
export const signalGroup = (groupId: number, signal: NodeJS.Signals): void => {
  trySignal(-groupId, signal)
  // Nobody twice: a second SIGTERM would interrupt the cleaning up that the first one began.
  const strayed = membersOf(groupId)?.filter(member => member.groupId !== groupId) ?? []
  for (const { id } of strayed) trySignal(id, signal)
}

const isAlive = (groupId: number): boolean => {
  const members = membersOf(groupId)
  return members === undefined ? trySignal(-groupId, 0) : members.length > 0
}

const trySignal = (id: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(id, signal)
  } catch {
    return false
  }
}

interface ProcessState {
  readonly id: number
  readonly groupId: number
  readonly sessionId: number
  /** Ended in all its threads: its memory is free, though its parent may not have asked for the exit code. */
  readonly isOver: boolean
}

/** The processes of the session that `groupId` leads, without those that are over; undefined where /proc does not tell. */
const membersOf = (groupId: number): readonly ProcessState[] | undefined => {
  const states = processIds()?.flatMap(id => stateOf(id) ?? [])
  return states?.filter(({ sessionId, isOver }) => sessionId === groupId && !isOver)
}

const processIds = (): readonly number[] | undefined => {
  try {
    const ids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
    return ids.length === 0 ? undefined : ids.map(Number)
  } catch {
    return undefined
  }
}

const stateOf = (id: number): ProcessState | undefined => {
  try {
    const text = readFileSync(`/proc/${id}/stat`, 'latin1')
    // After the name, which may hold anything: state, parent, group, session and, as the 18th, the threads.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const isOver = fields[0] === 'X' || (fields[0] === 'Z' && Number(fields[17]) <= 1)
    return { id, groupId: Number(fields[2]), sessionId: Number(fields[3]), isOver }
  } catch {
    return undefined
  }
}
