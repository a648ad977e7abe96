import type { SimulationKnobs } from './knobs.ts'
import { decodeTokensPerSec, knee, outputRange, prefillMs, stepMs, unloadedLatencyMs } from './latency-model.ts'

/** Lines of `serve --explain`: the truth that follows from the knobs, which a measurement should find again. */
export const explain = (knobs: SimulationKnobs): readonly string[] => [
  'Unloaded (one request at a time)',
  row('TTFT', `${ms(prefillMs(knobs, 0))} + ${ms(1000 / knobs.prefillTokensPerSec)} per prompt token`),
  ...[32, 1024].map(tokens => row(`  ${tokens} prompt tokens`, ms(prefillMs(knobs, tokens)))),
  row('ITL', `${ms(stepMs(knobs, 1))}, the length of a step`),
  row(
    'Latency',
    `${ms(unloadedLatencyMs(knobs, 32, knobs.outputTokens))} for 32 prompt and ${knobs.outputTokens} output tokens`,
  ),
  row('Output tokens', `${outputLength(knobs)}, unless the request bounds it`),
  row('Failures', `${round(knobs.errorRate * 100)} % of requests`),
  '',
  'Loaded (b streams past their first token)',
  row('Step', `${ms(knobs.itlMs)} x (1 + b/${round(knobs.batchScale)})`),
  row('Knee', `${knee(knobs)} requests; more wait in order, and only TTFT grows`),
  row('Tokens leave', knobs.desync ? 'spread over the step' : 'together, at the end of the step'),
  '',
  table('requests', 'ITL', 'decode rate'),
  ...loadLevels(knobs).map(level =>
    table(
      `${level}`,
      ms(stepMs(knobs, Math.min(level, knee(knobs)))),
      `${round(decodeTokensPerSec(knobs, level))} tok/s`,
    ),
  ),
]

/** One, ten, a quarter and half of the knee, the knee, and twice the knee. */
const loadLevels = (knobs: SimulationKnobs): readonly number[] => {
  const last = knee(knobs)
  const inside = [1, 10, Math.floor(last / 4), Math.floor(last / 2)].filter(level => level >= 1 && level < last)
  return [...new Set(inside)].sort((a, b) => a - b).concat(last, 2 * last)
}

const outputLength = (knobs: SimulationKnobs): string => {
  const { min, max } = outputRange(knobs)
  return min === max ? `${min}` : `${min} to ${max}`
}

const round = (value: number): string => `${Math.round(value * 1000) / 1000}`
const ms = (value: number): string => `${round(value)} ms`
const row = (label: string, text: string): string => `  ${label.padEnd(22)}${text}`
const table = (load: string, itl: string, throughput: string): string =>
  `  ${load.padStart(8)}${itl.padStart(14)}${throughput.padStart(18)}`
