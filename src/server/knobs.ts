import { ArgumentsError } from '../errors.ts'

/** All that decides how the simulated engine behaves; everything it does follows from these and the requests. */
export interface SimulationKnobs {
  /** The only entry of `GET /v1/models`; requests may name any model. */
  readonly modelId: string
  /** Every sequence keeps its own beat, spread over the step, instead of all emitting at the step's end. */
  readonly desync: boolean
  /** Step time of an empty batch, in ms. */
  readonly itlMs: number
  /** B: a step with b decoding sequences lasts `itlMs · (1 + b/B)`. Infinity: the batch costs nothing. */
  readonly batchScale: number
  /** Places. A request holds one from the start of its prefill to its last token; who finds none waits in order. */
  readonly maxBatch: number
  /** Part of the time to first token that does not depend on the prompt, in ms. */
  readonly prefillBaseMs: number
  /** Prompt tokens per second. Infinity: the first token comes after `prefillBaseMs` for any prompt. */
  readonly prefillTokensPerSec: number
  /** Mean output length in tokens, where the request does not bound it. */
  readonly outputTokens: number
  /** Lengths are drawn evenly from `outputTokens · (1 ± outputSpread)`; 0 to 1. */
  readonly outputSpread: number
  /** Share of requests that fail, 0 to 1: half of the streams midway with an in-band error, all others with HTTP 500. */
  readonly errorRate: number
  /** `(seed, number of the request)` decides its length and whether it fails. */
  readonly seed: number
}

/** Brisk: one request takes about 0.3 s, and the ITL has doubled where the queue starts, at 32. */
export const defaultKnobs: SimulationKnobs = {
  modelId: 'simulated',
  desync: false,
  itlMs: 8,
  batchScale: 32,
  maxBatch: 32,
  prefillBaseMs: 20,
  prefillTokensPerSec: 8000,
  outputTokens: 32,
  outputSpread: 0.5,
  errorRate: 0,
  seed: 42,
}

/** A knob with a number: its flag, and what it accepts. */
export interface NumberKnob {
  readonly knob: Exclude<keyof SimulationKnobs, 'modelId' | 'desync'>
  readonly flag: string
  /** Unit, as the help shows it. */
  readonly unit: string
  readonly about: string
  /** Completes "must be …". */
  readonly wanted: string
  readonly accepts: (value: number) => boolean
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1
const isShare = (value: number): boolean => value >= 0 && value <= 1
const share = { unit: 'share', wanted: 'a share from 0 to 1', accepts: isShare }
const count = { unit: 'n', wanted: 'a whole number from 1', accepts: isCount }

/** Every knob that takes a number, in the order of the help. */
export const numberKnobs: readonly NumberKnob[] = [
  {
    knob: 'itlMs',
    flag: '--itl',
    unit: 'ms',
    about: 'step time of an empty batch: the gap between two tokens',
    wanted: 'a time above 0 ms',
    accepts: value => value > 0 && value < Infinity,
  },
  {
    knob: 'batchScale',
    flag: '--batch-scale',
    unit: 'B',
    about: 'a step with b sequences lasts itl x (1 + b/B); Infinity: always itl',
    wanted: 'a number above 0 (or Infinity)',
    accepts: value => value > 0,
  },
  { ...count, knob: 'maxBatch', flag: '--max-batch', about: 'requests that run at once; the others queue in order' },
  {
    knob: 'prefillBaseMs',
    flag: '--prefill-base',
    unit: 'ms',
    about: 'time to first token of an empty prompt',
    wanted: 'a time from 0 ms',
    accepts: value => value >= 0 && value < Infinity,
  },
  {
    knob: 'prefillTokensPerSec',
    flag: '--prefill-rate',
    unit: 'tok/s',
    about: 'prompt tokens per second on top; Infinity: prompts cost nothing',
    wanted: 'a rate above 0 tok/s (or Infinity)',
    accepts: value => value > 0,
  },
  {
    ...count,
    knob: 'outputTokens',
    flag: '--output-tokens',
    about: 'mean output length, unless the request bounds it',
  },
  { ...share, knob: 'outputSpread', flag: '--output-spread', about: 'lengths vary by this share up and down' },
  {
    ...share,
    knob: 'errorRate',
    flag: '--error-rate',
    about: 'requests that fail: HTTP 500, half of the streams midway',
  },
  {
    knob: 'seed',
    flag: '--seed',
    unit: 'n',
    about: 'decides the length and the fate of each request',
    wanted: 'a whole number',
    accepts: Number.isSafeInteger,
  },
]

/** The defaults with these knobs in their place; throws `ArgumentsError` for a value that makes no engine. */
export const resolveKnobs = (chosen: Partial<SimulationKnobs>): SimulationKnobs => {
  const knobs = { ...defaultKnobs, ...chosen }
  for (const { knob, flag, wanted, accepts } of numberKnobs) {
    if (!accepts(knobs[knob])) throw new ArgumentsError(`${flag} must be ${wanted}, got ${knobs[knob]}`)
  }
  return knobs
}
