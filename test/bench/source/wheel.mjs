// The beat of all streams: one timer, absolute times, and an account of how late it was.

const nowMs = () => performance.now()

/**
 * Calls `emit` of every stream once per interval until it gives false. `lockstep`: all in the same instant, as an
 * engine's steps do; `spread`: each on a beat of its own, a millisecond apart.
 */
export const createWheel = ({ intervalMs, pace }) => {
  const slotCount = pace === 'lockstep' ? 1 : Math.max(1, Math.floor(intervalMs))
  const slotMs = intervalMs / slotCount
  const slots = Array.from({ length: slotCount }, () => [])
  const account = { beats: 0, lateBeats: 0, worstLateMs: 0 }
  let [streams, joined, beat, startMs] = [0, 0, 0, 0]
  let timer

  const turn = dueMs => {
    const lateMs = nowMs() - dueMs
    account.beats++
    account.worstLateMs = Math.max(account.worstLateMs, lateMs)
    // Half an interval late, a stream's next write would come closer than its client may read.
    if (lateMs > intervalMs / 2) account.lateBeats++
    const slot = slots[beat % slotCount]
    for (let i = slot.length - 1; i >= 0; i--) {
      const stream = slot[i]
      if (stream.readyMs > dueMs || stream.emit()) continue
      slot[i] = slot[slot.length - 1]
      slot.pop()
      streams--
    }
  }

  const run = () => {
    for (;;) {
      const dueMs = startMs + beat * slotMs
      const restMs = dueMs - nowMs()
      if (streams === 0) {
        timer = undefined
        return
      }
      if (restMs > 0) {
        timer = setTimeout(run, Math.ceil(restMs))
        return
      }
      turn(dueMs)
      beat++
    }
  }

  return {
    account,
    /** Lets a stream in, `readyMs` on this process's clock being the earliest moment of its first token. */
    join: (readyMs, emit) => {
      slots[joined++ % slotCount].push({ readyMs, emit })
      streams++
      if (timer !== undefined) return // At rest: the first stream sets the beat.
      ;[beat, startMs] = [0, readyMs]
      timer = setTimeout(run, Math.max(0, readyMs - nowMs()))
    },
    stop: () => clearTimeout(timer),
  }
}
