import type { ReasonName, Verdict, VerdictReason } from '../model/verdict.ts'
import { decimalText } from './decimal.ts'
import {
  cachedPercent,
  coreWaitPercent,
  inFlightPercent,
  latenessMs,
  type Measure,
  offScheduleMs,
  outputPercent,
  promptOffPercent,
  promptWaitPercent,
  runQueuePercent,
  selfDelayPercent,
  successPercent,
  throttledPercent,
  type VerdictFacts,
} from './verdict-measures.ts'

/** One reason that a run may not be VALID for. */
export interface VerdictRule {
  readonly name: ReasonName
  /** What is measured, for readers of the table. */
  readonly measurement: string
  readonly unit: VerdictReason['unit']
  /** On which side of a bound trouble lies. */
  readonly trouble: 'above' | 'below'
  /** Beyond it a run is SUSPECT. */
  readonly suspect: number | { readonly text: string; readonly of: (facts: VerdictFacts) => number }
  /** Beyond it a run is INVALID; without it, it never is for this. */
  readonly invalid?: number
  /** What it spoils, or why the bound is where it is. */
  readonly why: string
  readonly advice: string
  /** Says nothing of a run that is over at once. */
  readonly needsTime: boolean
  readonly measure: Measure
}

const giveCores = 'run the client on a machine of its own, or with fewer programs beside it; more --workers do not help'
const lighten = 'raise --workers, ask for fewer streams, or take faster cores; a plugin must not compute for long'

/** Every rule of the verdict, with its bounds: the only list of them. */
export const verdictRules: readonly VerdictRule[] = [
  {
    name: 'client slow',
    measurement: 'p50 of the self-delay, in % of the p50 of ITL or of TTFT, whichever is shorter',
    unit: '%',
    trouble: 'above',
    suspect: 5,
    invalid: 25,
    why: 'What the client adds passes for time of the server; two engines are often not further apart than 5%',
    advice: lighten,
    needsTime: true,
    measure: selfDelayPercent(50),
  },
  {
    name: 'client slow',
    measurement: 'p99 of the self-delay, in % of the same',
    unit: '%',
    trouble: 'above',
    suspect: 25,
    why: 'A pause for garbage in a hundred chunks is tolerable; with more, p99 and max are not those of the server',
    advice: lighten,
    needsTime: true,
    measure: selfDelayPercent(99),
  },
  {
    name: 'client starved',
    measurement: 'time in which a thread that sends could have run and had no core, in % of the time',
    unit: '%',
    trouble: 'above',
    // 6 to 7 % with the simulated server beside it on two cores, where stamps were right to 0.2 ms (p50).
    suspect: 10,
    invalid: 25,
    why: 'What comes meanwhile is stamped late, and no stamp shows it',
    advice: giveCores,
    needsTime: true,
    measure: runQueuePercent,
  },
  {
    name: 'client starved',
    measurement: 'mean wait of such a thread for a core, in % of the p50 of ITL or of TTFT, whichever is shorter',
    unit: '%',
    trouble: 'above',
    suspect: 5,
    invalid: 25,
    why: 'What wakes it up is stamped that much late, and no stamp shows it',
    advice: giveCores,
    needsTime: true,
    measure: coreWaitPercent,
  },
  {
    name: 'client starved',
    measurement: 'time in which a CPU quota (cgroup) stopped the process, in % of the time',
    unit: '%',
    trouble: 'above',
    suspect: 1,
    why: 'A quota stops everything for up to 100 ms; in more than one second of a hundred, that is what p99 shows',
    advice: 'raise the CPU limit of the container',
    needsTime: true,
    measure: throttledPercent,
  },
  {
    name: 'schedule missed',
    measurement: 'p99 of the lateness with --rate or a trace',
    unit: 'ms',
    trouble: 'above',
    suspect: {
      text: '10 ms and 10 % of the p50 of TTFT',
      of: ({ accumulator: { ttftUs } }) => Math.max(10, (ttftUs.percentile(50) ?? 0) / 10_000),
    },
    why: 'The load was not the one that was asked for; a machine that sends late stamps late, too',
    advice: 'lower --rate, raise --workers, or see that nothing else runs',
    needsTime: true,
    measure: latenessMs,
  },
  {
    name: 'schedule missed',
    measurement: 'first to last request sent against the schedule, waits for slots left out',
    unit: 'ms',
    trouble: 'above',
    suspect: {
      text: '5 ms + 0.1 % of the schedule',
      of: ({ accumulator: { possible } }) => 5 + (possible.lengthUs ?? 0) / 1_000_000,
    },
    why: 'The rate was not the one that was asked for; less is the grain of a timer at either end',
    advice: 'lower --rate, raise --workers, or see that nothing else runs',
    needsTime: true,
    measure: offScheduleMs,
  },
  {
    name: 'concurrency missed',
    measurement: 'mean in flight while the load is steady, in % of --parallel; without --rate and think time',
    unit: '%',
    trouble: 'below',
    suspect: 95,
    why: 'The server had less to do than was asked for, so its latencies look better',
    advice: 'raise --workers; where answers take few ms, a slot cannot be refilled in no time',
    needsTime: true,
    measure: inFlightPercent,
  },
  {
    name: 'dataset too slow',
    measurement: 'time that requests waited for their prompts, in % of all latencies',
    unit: '%',
    trouble: 'above',
    suspect: 1,
    why: 'The server waited for this client',
    advice: 'give --number, so that prompts are made before the clock starts, raise --num-workers, or prepare a file',
    needsTime: true,
    measure: promptWaitPercent,
  },
  {
    name: 'requests failed',
    measurement: 'successes, in % of all requests that ended by themselves',
    unit: '%',
    trouble: 'below',
    suspect: 99,
    invalid: 90,
    why: 'Figures know only of successes, and a server that refuses some has less to do for the others',
    advice: 'see the table of failures',
    needsTime: false,
    measure: successPercent,
  },
  {
    name: 'not what was asked',
    measurement: 'mean output tokens, in % of --min-tokens = --max-tokens',
    unit: '%',
    trouble: 'below',
    suspect: 99,
    why: 'Shorter answers take less time, and other servers may give whole ones',
    advice: `give --extra-args '{"ignore_eos": true}' where the server knows it`,
    needsTime: false,
    measure: outputPercent,
  },
  {
    name: 'not what was asked',
    measurement:
      "prompt tokens by the server's count against the tokenizer's, where prompts of some length were asked for",
    unit: '%',
    trouble: 'above',
    suspect: 1,
    why: 'Prompts are not as long as they were to be',
    advice: "give the model's own tokenizer, and see what the server adds",
    needsTime: false,
    measure: promptOffPercent,
  },
  {
    name: 'not what was asked',
    measurement:
      'cached prompt tokens where all are drawn: `random` and its like in single turns, without --prefix-length',
    unit: '%',
    trouble: 'above',
    suspect: 5,
    why: 'They were sent before, so TTFT and throughput are those of a warm cache',
    advice: 'give another --seed, or empty the cache of the server',
    needsTime: false,
    measure: cachedPercent,
  },
]

/** Below this a hiccup of the machine is a large part of the run. */
const shortestMs = 1000

/** Whether a run's figures can be trusted. Notes play no part in it. */
export const judge = (facts: VerdictFacts): Verdict => {
  const { durationMs = 0 } = facts.summary
  const statement = statementOf(facts)
  const fired = verdictRules
    .filter(({ needsTime }) => !needsTime || durationMs >= shortestMs)
    .flatMap(rule => reasonBy(rule, facts).map(reason => ({ rule, reason })))
  const reasons = fired.filter(({ rule }) => isNews(rule, fired)).map(({ reason }) => reason)
  return { level: worst(reasons) ?? (statement === undefined ? 'VALID' : undefined), reasons, statement }
}

/** Whether none above it in the table says the same: what makes the p50 too high makes the p99 so, too. */
const isNews = (rule: VerdictRule, fired: readonly { readonly rule: VerdictRule }[]): boolean =>
  fired.find(other => other.rule.name === rule.name && other.rule.advice === rule.advice)?.rule === rule

/** Why a run cannot be judged as a whole. */
const statementOf = ({ summary, interrupted, datasetFailed, statement }: VerdictFacts): string | undefined => {
  const { totalRequests, durationMs = 0 } = summary
  if (statement !== undefined) return statement
  if (interrupted) return 'the run was interrupted, and nobody knows what the rest would have shown'
  if (datasetFailed) return 'the dataset broke before the run was over'
  if (totalRequests === 0) return 'no request came to its end'
  if (durationMs >= shortestMs) return undefined
  return `the run took ${decimalText(durationMs / 1000, 3)} s, and below ${shortestMs / 1000} s there is too little to judge`
}

const worst = (reasons: readonly VerdictReason[]): VerdictReason['level'] | undefined =>
  reasons.some(({ level }) => level === 'INVALID') ? 'INVALID' : reasons[0]?.level

const reasonBy = (rule: VerdictRule, facts: VerdictFacts): readonly VerdictReason[] => {
  const measurement = rule.measure(facts)
  if (measurement === undefined) return []
  const { measured, found } = measurement
  const isBeyond = (bound: number): boolean => (rule.trouble === 'above' ? measured > bound : measured < bound)
  const suspect = typeof rule.suspect === 'number' ? rule.suspect : rule.suspect.of(facts)
  if (!isBeyond(suspect)) return []
  const { name, unit, invalid, why, advice } = rule
  const [level, bound] =
    invalid !== undefined && isBeyond(invalid) ? (['INVALID', invalid] as const) : (['SUSPECT', suspect] as const)
  return [
    {
      name,
      level,
      measured,
      bound,
      unit,
      message: `${found}; the bound is ${boundText(bound, unit)}. ${why}: ${advice}.`,
    },
  ]
}

const boundText = (bound: number, unit: VerdictReason['unit']): string =>
  `${decimalText(bound, 2)}${unit === '%' ? '%' : ` ${unit}`}`

/** A rule's bounds as readers of its table see them. */
export const boundTexts = ({ trouble, suspect, invalid, unit }: VerdictRule): readonly [string, string] => [
  `${trouble} ${typeof suspect === 'number' ? `${suspect} ${unit}` : suspect.text}`,
  invalid === undefined ? '—' : `${trouble} ${invalid} ${unit}`,
]
