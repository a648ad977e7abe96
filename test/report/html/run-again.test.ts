import { expect, test } from 'vitest'
import { runAgain } from '../../../src/report/html/run-again.ts'

test.each([
  [
    { headers: { 'x-my-secret': '**********', 'X-Team': 'two words' } },
    "--headers 'x-my-secret=**********' 'X-Team=two words'",
  ],
  [{ parallel: [1, 2], stream: false, debug: true }, '--parallel 1 2 --no-stream --debug'],
  [{ dataset_args: { field: 'a' } }, `--dataset-args '{"field":"a"}'`],
  [{ sla_params: [{ tps: '>5' }, { rps: 'max' }] }, `--sla-params '[{"tps":">5"},{"rps":"max"}]'`],
  [{ fail_if: ['p99_ttft>500', 'success_rate<99'] }, "--fail-if 'p99_ttft>500' 'success_rate<99'"],
  [{ no_timestamp: true, parallel: [2] }, '--parallel 2'],
  [{ prompt: "it's" }, "--prompt 'it'\\''s'"],
])('the flags %j are told as the command line takes them', (given, flags) => {
  expect(runAgain({ provenance: { given } }, 'out').original).toBe(`evalscope perf ${flags}`)
})

test.each([
  ['drawn', {}],
  ['given', { seed: 7 }],
])('a seed that was %s is told', (_, given) => {
  expect(runAgain({ provenance: { given, seed: 7 } }, 'out').original).toBe('evalscope perf --seed 7')
})
