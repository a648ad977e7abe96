/**
 * What starts requests one a turn of the event loop, the first at once: undici writes a turn after its dispatch, so of
 * many in one turn the first would wait, with its clock running, for the building of the last.
 */
export const onePerTurn = (): ((start: () => void) => void) => {
  const waiting: (() => void)[] = []
  let isTurnTaken = false
  const startNext = (): void => {
    const start = waiting.shift()
    isTurnTaken = start !== undefined
    if (start === undefined) return
    setImmediate(startNext)
    start()
  }
  return start => {
    waiting.push(start)
    if (!isTurnTaken) startNext()
  }
}
