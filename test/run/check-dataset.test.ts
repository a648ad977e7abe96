import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openai } from '../../src/apis/openai.ts'
import { Arguments } from '../../src/arguments/arguments.ts'
import type { ArgumentsInput } from '../../src/arguments/arguments-input.ts'
import type { Environment } from '../../src/arguments/endpoint.ts'
import type { Dataset } from '../../src/datasets/dataset.ts'
import { openqa } from '../../src/datasets/openqa.ts'
import { workloadTrace } from '../../src/datasets/workload-trace.ts'
import { neverStops } from '../../src/load/stop.ts'
import { StatusLine } from '../../src/report/status-line.ts'
import { checkDataset } from '../../src/run/check-dataset.ts'
import { type Host, Stopped } from '../../src/run/host.ts'
import { offHubs } from '../support/cli.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'check-')))
afterAll(() => rmSync(root, { recursive: true }))

const path = join(root, 'trace.jsonl')
writeFileSync(path, '{"timestamp":2,"body":{}}\n{"timestamp":1,"body":{}}\n')

const check = async (input: ArgumentsInput, dataset: Dataset, stop = neverStops(), env: Environment = offHubs) => {
  const said: string[] = []
  const shown: string[] = []
  const stream = { isTTY: true, columns: 200, write: (text: string) => shown.push(text) }
  const host: Host = {
    print: () => undefined,
    status: new StatusLine(stream),
    columns: 80,
    stop,
    env,
    lastActs: new Set(),
  }
  const args = new Arguments({ url: 'http://127.0.0.1', ...input })
  const parts = { dataset, tokenizer: undefined, api: openai }
  const { dataset: ready } = await checkDataset(args, parts, host, line => said.push(line))
  return { ready, said, shown }
}

const trace: ArgumentsInput = { dataset: 'workload_trace', datasetPath: path, openLoop: true }

test('a trace is read while its name is shown, and then its size is known', async () => {
  const { ready, said, shown } = await check({ ...trace, number: 3 }, workloadTrace)
  expect(ready.size).toBe(2)
  expect(shown.join('')).toContain(`reading ${path}`)
  expect(said).toEqual([
    'trace.jsonl: 2 records over 1 s; not in the order of their times, and so sorted',
    '--number 3: the trace has 2 records, which are sent once',
  ])
})

test('a trace that is being read is left alone as soon as the user stops', async () => {
  const stopping = new AbortController()
  let readsOn: Promise<unknown> | undefined
  const watched: Dataset = {
    ...workloadTrace,
    prepare: context => {
      const preparing = workloadTrace.prepare?.(context) as Promise<Dataset>
      readsOn = preparing.catch((error: unknown) => error)
      stopping.abort(new Error('stopped'))
      return preparing
    },
  }
  const stop = { ...neverStops(), draining: stopping.signal }
  await expect(check(trace, watched, stop)).rejects.toThrow(Stopped)
  expect(await readsOn).toEqual(new Error('stopped'))
})

test('what has no need to be prepared stays as it is, and says what it reads', async () => {
  const { ready, said } = await check({}, openqa)
  expect(ready).toBe(openqa)
  expect(said).toEqual([
    'openqa: open_qa.jsonl of AI-ModelScope/HC3-Chinese is not in the cache, and HF_HUB_OFFLINE=1 keeps us off the ' +
      'network; the questions are our own, from datasets/open_qa.jsonl of this package',
  ])
})

test('of a file that was downloaded and is broken, a line says what to delete', async () => {
  const directory = join(root, 'modelscope/datasets/AI-ModelScope/HC3-Chinese/master')
  mkdirSync(directory, { recursive: true })
  const file = join(directory, 'open_qa.jsonl')
  writeFileSync(file, '<html>')
  const kept = check({}, openqa, neverStops(), { ...offHubs, EVALSCOPE_CACHE: root })
  const anew = `; it was downloaded: to have it anew, delete ${file}`
  await expect(kept).rejects.toThrow(anew)
  await expect(kept).rejects.toThrow(`${file}:1: not valid JSON`)
  await expect(check({ datasetPath: file }, openqa)).rejects.not.toThrow(anew)
})

test.each<[ArgumentsInput, RegExp]>([
  [{ ...trace, rate: 3 }, /^--dataset workload_trace has times of its own, got --rate 3; leave that out/],
  [{ ...trace, rampUp: 3 }, /^--dataset workload_trace has times of its own, got --ramp-up 3;/],
  [{ ...trace, openLoop: false }, /^--dataset workload_trace has times of its own; give --open-loop/],
  [{ ...trace, datasetPath: join(root, 'none') }, /none does not exist; give a file that does$/],
])('%j is refused before anybody is asked', async (input, message) => {
  await expect(check(input, workloadTrace)).rejects.toThrow(message)
})
