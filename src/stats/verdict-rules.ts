import type { ReasonName, VerdictReason } from '../model/verdict.ts'
import {
  coreWaitPercent,
  runQueuePercent,
  selfDelayPercent,
  throttledPercent,
  writingPercent,
} from './verdict-client.ts'
import type { Measure, VerdictFacts } from './verdict-facts.ts'
import {
  cachedPercent,
  cutOffPercent,
  inFlightPercent,
  latenessMs,
  offScheduleMs,
  outputPercent,
  promptOffPercent,
  promptWaitPercent,
  sampledPercent,
  successPercent,
} from './verdict-measures.ts'
import { lateBoundUs, offScheduleBoundUs } from './worth-showing.ts'

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
    measurement:
      'p50 of the self-delay, in % of the p50 that it falsifies: of first chunks TTFT, of others ITL or TPOT',
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
    name: 'client slow',
    measurement: 'p50 of the time from sent to written, where no connection was opened, in % of the p50 of TTFT',
    unit: '%',
    trouble: 'above',
    suspect: 5,
    invalid: 25,
    why: 'TTFT and latency count from sent, so this passes for time of the server, too',
    advice: lighten,
    needsTime: true,
    measure: writingPercent,
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
    measurement: 'mean wait of such a thread for a core, in % of the shorter of these p50s',
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
    measurement: 'periods in which a CPU quota (cgroup) stopped the process, in % of its periods',
    unit: '%',
    trouble: 'above',
    suspect: 1,
    why: 'A quota stops everything for up to 100 ms; in more than one of a hundred, that is what p99 shows',
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
      text: 'the larger of 10 ms and 10 % of the p50 of TTFT',
      of: ({ accumulator: { ttftUs } }) => lateBoundUs(ttftUs.percentile(50)) / 1000,
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
      of: ({ accumulator: { possible } }) => offScheduleBoundUs(possible.lengthUs ?? 0) / 1000,
    },
    why: 'The rate was not the one that was asked for; less is the grain of a timer at either end',
    advice: 'lower --rate, raise --workers, or see that nothing else runs',
    needsTime: true,
    measure: offScheduleMs,
  },
  {
    name: 'concurrency missed',
    measurement:
      'mean in flight while the load is steady or, where it never was in three waves, from the ramp to the last request sent, in % of --parallel; without --rate and think time',
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
    name: 'requests cut off',
    measurement: 'requests that --grace after --duration cut off, in % of all that were sent',
    unit: '%',
    trouble: 'above',
    suspect: 1,
    invalid: 10,
    why: 'They are those that take longest: latencies are too low, and throughputs lack what was under way',
    advice: 'raise --grace, or give --number instead of --duration',
    needsTime: false,
    measure: cutOffPercent,
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
      'cached prompt tokens, but for those of the chat template, where all are drawn: `random` and its like in single turns, without --prefix-length',
    unit: '%',
    trouble: 'above',
    suspect: 5,
    why: 'They were sent before, so TTFT and throughput are those of a warm cache',
    advice: 'give another --seed, or empty the cache of the server',
    needsTime: false,
    measure: cachedPercent,
  },
  {
    name: 'too few samples',
    measurement: 'samples of a percentile that a gate uses, in % of those that it takes',
    unit: '%',
    trouble: 'below',
    suspect: 100,
    why: 'One lucky or unlucky request may decide over the gate',
    advice: 'raise --number or --duration, or use a lower percentile',
    needsTime: false,
    measure: sampledPercent,
  },
]

/** A rule's bounds as readers of its table see them. */
export const boundTexts = ({ trouble, suspect, invalid, unit }: VerdictRule): readonly [string, string] => [
  `${trouble} ${typeof suspect === 'number' ? `${suspect} ${unit}` : suspect.text}`,
  invalid === undefined ? '—' : `${trouble} ${invalid} ${unit}`,
]
