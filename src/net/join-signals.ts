/** A signal that follows others. */
export interface JoinedSignal {
  readonly signal: AbortSignal
  /** Follows nobody any more. */
  release(): void
}

/**
 * A signal that fires with the first of `signals`, or after `limitMs`. By hand: Node 20 lets its garbage collector take
 * what `AbortSignal.any` joins, and a time limit among it then never fires.
 */
export const joinSignals = (signals: readonly AbortSignal[], limitMs?: number): JoinedSignal => {
  const joined = new AbortController()
  const timer =
    limitMs === undefined
      ? undefined
      : setTimeout(() => joined.abort(new DOMException(`not over within ${limitMs} ms`, 'TimeoutError')), limitMs)
  const followers = signals.map(signal => ({ signal, follow: () => joined.abort(signal.reason) }))
  const release = (): void => {
    clearTimeout(timer)
    for (const { signal, follow } of followers) signal.removeEventListener('abort', follow)
  }
  joined.signal.addEventListener('abort', release)
  for (const { signal, follow } of followers) {
    if (signal.aborted) follow()
    else signal.addEventListener('abort', follow)
  }
  return { signal: joined.signal, release }
}
