import { runAlone } from '../processes.mjs'
import { fixed } from '../table.mjs'

/** Memory and time of exact percentiles over a very long run. */
export const percentiles = {
  name: 'percentiles',
  title: 'Percentiles of gaps between chunks',
  measure: async ({ isQuick, oursOptions }) => {
    const load = { samples: isQuick ? 10_000_000 : 100_000_000, ...oursOptions }
    const { samples, percentilesMs, tallyMb, cpuUs } = await runAlone('tally', load)
    return { samples, percentilesMs, tallyMb, addNs: (1000 * cpuUs) / samples }
  },
  lines: ({ samples, percentilesMs, tallyMb, addNs }) => [
    `${samples / 1e6} million: 12 percentiles in ${fixed(percentilesMs, 1)} ms, ${fixed(tallyMb, 1)} MB, ${fixed(addNs, 1)} ns to count one`,
  ],
}
