import { type FlagTable, longestSec } from './flag-row.ts'

/** The `--rate` that means "not paced", as in the original. */
export const unpacedRate = -1

/** The flags that say what load to make, in the order of `--help`. */
export const loadFlags = {
  parallel: { kind: 'int', arity: 'many', default: [1], min: 1, help: 'requests in flight; several make a sweep' },
  number: {
    kind: 'int',
    arity: 'many',
    min: 1,
    short: 'n',
    help: 'requests of each run, or conversations with --multi-turn',
    otherwise: '10 x parallel or 30 s at the rate, at least 20; all of a built-in finite set; no limit with --duration',
  },
  // Its bounds are no range: -1, and all above 0.
  rate: {
    kind: 'number',
    arity: 'many',
    max: 1_000_000,
    help: 'requests wanted per second; -1 for as fast as slots are free; several make a sweep',
    otherwise: 'not paced',
  },
  openLoop: { kind: 'flag', default: false, help: 'send at the times of --rate, however many are in flight' },
  arrival: {
    kind: 'string',
    arity: 'one',
    default: 'poisson',
    choices: ['poisson', 'constant'],
    help: 'gaps between the times of --rate: random as of independent users, or equal',
  },
  rampUp: {
    kind: 'number',
    arity: 'one',
    default: 0,
    min: 0,
    max: longestSec,
    unit: 'seconds',
    help: 'concurrency or rate grow evenly for so long; not part of the steady figures',
  },
  warmupNum: {
    kind: 'number',
    arity: 'one',
    default: 0,
    help: 'requests before the measured ones: a count, or below 1 a share of --number',
  },
  duration: {
    kind: 'number',
    arity: 'one',
    above: 0,
    max: longestSec,
    unit: 'seconds',
    help: 'start no more requests after so long',
    otherwise: 'no limit',
  },
  grace: {
    kind: 'number',
    arity: 'one',
    default: 30,
    min: 0,
    max: longestSec,
    unit: 'seconds',
    help: 'what requests under way get when --duration is over; then they are cut off',
  },
  sleepInterval: {
    kind: 'number',
    arity: 'one',
    default: 5,
    min: 0,
    max: longestSec,
    unit: 'seconds',
    help: 'pause between runs',
  },
  // Not the original's --num-workers, which makes prompts.
  workers: {
    kind: 'int',
    arity: 'one',
    default: 'auto',
    word: 'auto',
    min: 1,
    max: 256,
    help: 'threads that send and measure; not --num-workers, which makes prompts',
    otherwise: 'auto: 1 for each 500 streams expected, but fewer than cores',
  },
} satisfies Partial<FlagTable>
