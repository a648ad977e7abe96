import type { TargetSettings } from '../../model/run-plan.ts'
import { getJson } from '../../net/get-json.ts'
import type { Truth } from '../../server/truth-log.ts'

/** At a time: the answers wait for each other in the server anyway. */
const questionsAtOnce = 4

/** What the simulated server at `url` knows of these requests, by their ids; those that it has forgotten are left out. */
export const askTruths = async (
  url: string,
  requestIds: readonly string[],
  target: TargetSettings,
): Promise<ReadonlyMap<string, Truth>> => {
  const truths = new Map<string, Truth>()
  const left = [...requestIds]
  const { signal } = new AbortController()
  const asker = async (): Promise<void> => {
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      const answer = await getJson(`${url}/truth/${encodeURIComponent(id)}`, target, signal)
      if ('value' in answer) truths.set(id, answer.value as Truth)
    }
  }
  await Promise.all(Array.from({ length: questionsAtOnce }, asker))
  return truths
}
