import type { FlagTable } from './flag-row.ts'

/** The flags that say what a run has to keep, in the order of `--help`. */
export const gateFlags = {
  goodput: {
    kind: 'string',
    arity: 'many',
    unit: 'objective',
    help: "counts requests that keep all of these: at most so many ms of 'ttft:300', 'ttfat:500' and 'tpot:50', or s of 'latency:5'",
  },
  failIf: {
    kind: 'string',
    arity: 'many',
    unit: 'condition',
    help: "exit with 1 when any run has such a figure: 'p99_ttft>500' 'success_rate<99.5'",
  },
  baseline: {
    kind: 'path',
    arity: 'one',
    help: 'directory of an earlier benchmark: exit with 1 when a run is worse than the one at its load',
  },
  tolerance: {
    kind: 'string',
    arity: 'many',
    unit: 'bounds',
    help: "by how much a figure may be worse, 'p50_ttft:10%,+5ms': only beyond both is too much",
    otherwise: '10%, and +5ms of TTFT, +0.5ms of ITL and TPOT, +0.05s of latency; 15% of rates',
  },
  advisory: { kind: 'flag', default: false, help: 'gates are judged and shown, without an effect on the exit code' },
} satisfies Partial<FlagTable>
