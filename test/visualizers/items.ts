import type { FollowedBenchmark, Logged } from '../../src/visualizers/visualizer.ts'

/** A benchmark as services are told of it. */
export const benchmark: FollowedBenchmark = {
  project: 'perf_benchmark',
  name: 'model_20260102_030405',
  config: { parallel: [1, 2], model: 'model', api_key: '**********', stop: null },
  directory: '/tmp/results',
  startedMs: 1_767_322_000_000,
}

/** Two rows and what a run came to, in order. */
export const someItems: readonly Logged[] = [
  { kind: 'row', step: 0, epochMs: 1_767_322_001_000, figures: { 'Avg TTFT (ms)': 12.5, Concurrency: 1 } },
  { kind: 'row', step: 1, epochMs: 1_767_322_002_000, figures: { 'Avg TTFT (ms)': 13.5, Concurrency: 1 } },
  {
    kind: 'summary',
    run: 'parallel_1_number_4',
    step: 1,
    epochMs: 1_767_322_002_000,
    figures: { 'Avg TTFT (ms)': 13.5 },
  },
  {
    kind: 'table',
    run: 'parallel_1_number_4',
    title: 'Percentiles',
    step: 1,
    epochMs: 1_767_322_002_000,
    columns: ['Percentiles', 'TTFT (ms)'],
    rows: [
      ['50%', 13.1],
      ['99%', null],
    ],
  },
]

/** Never aborts. */
export const anyTime = new AbortController().signal
