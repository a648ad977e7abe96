import { nowMs } from './clock.ts'
import { type ConverseParts, converse } from './converse.ts'
import type { ConversationSource } from './source.ts'

/**
 * Keeps `concurrency` conversations under way until the source ends or `draining` fires: as one ends its slot takes
 * the next at once. Resolves when the last is over.
 */
export const closedLoop = async (
  source: ConversationSource,
  concurrency: number,
  draining: AbortSignal,
  parts: ConverseParts,
): Promise<void> => {
  const slot = async (): Promise<void> => {
    let freeMs = nowMs()
    while (!draining.aborted) {
      const taken = source.take()
      // No `await` for a conversation that is ready: the freed slot is refilled in the same turn of the event loop.
      const item = taken instanceof Promise ? await taken : taken
      if (item === undefined || draining.aborted) return
      freeMs = await converse(item, freeMs, parts)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, slot))
}
