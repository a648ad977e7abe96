import type { SlaVariable } from '../model/sla.ts'
import type { FlagTable } from './flag-row.ts'

/** Where a search ends that goes down, unless `--sla-lower-bound` says otherwise. */
export const leastValues: Readonly<Record<SlaVariable, number>> = { parallel: 1, rate: 0.1 }

/** The flags of the search for the load that keeps a service level, in the order of `--help`. */
export const slaFlags = {
  slaAutoTune: {
    kind: 'flag',
    default: false,
    help: 'search for the highest load that satisfies --sla-params, from the first --parallel or --rate on',
  },
  slaVariable: {
    kind: 'string',
    arity: 'one',
    default: 'parallel',
    choices: ['parallel', 'rate'],
    help: 'what is searched',
  },
  slaParams: {
    kind: 'json',
    mayBeFile: true,
    mayBeList: true,
    example: '{"p99_ttft": "<=500"}',
    help: 'figures with bounds, or max or min, as JSON or @file; several, or a list, are groups, which are searched one by one. Latency in s, TTFT, ITL and TPOT in ms',
  },
  slaNumRuns: {
    kind: 'int',
    arity: 'one',
    default: 3,
    min: 1,
    max: 1000,
    help: 'runs of each value; their samples are one sample',
  },
  slaUpperBound: {
    kind: 'number',
    arity: 'one',
    default: 65_536,
    above: 0,
    max: 1_000_000,
    help: 'highest value to try',
  },
  slaLowerBound: {
    kind: 'number',
    arity: 'one',
    above: 0,
    max: 1_000_000,
    help: 'lowest value to try',
    otherwise: `${leastValues.parallel}, of rates ${leastValues.rate}`,
  },
  slaFixedParallel: {
    kind: 'int',
    arity: 'one',
    min: 1,
    help: 'requests in flight at most while rates are searched',
    otherwise: 'no limit, as with --open-loop',
  },
  slaNumberMultiplier: {
    kind: 'number',
    arity: 'one',
    default: 2,
    above: 0,
    max: 1_000_000,
    help: 'requests of a run are so many times the value; more where a percentile takes more',
  },
  slaPointSeconds: {
    kind: 'number',
    arity: 'one',
    default: 60,
    above: 0,
    max: 100_000,
    unit: 'seconds',
    help: 'longest time at one value, by all of its runs',
  },
} satisfies Partial<FlagTable>
