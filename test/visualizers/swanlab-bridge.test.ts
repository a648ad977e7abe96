import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { findVisualizer } from '../../src/visualizers/index.ts'
import { SwanlabClient } from '../../src/visualizers/swanlab.ts'
import { SwanlabBridge } from '../../src/visualizers/swanlab-bridge.ts'
import { ServiceRefusal } from '../../src/visualizers/visualizer.ts'
import { anyTime, benchmark, someItems } from './items.ts'

const hasPython = (): boolean => {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const root = mkdtempSync(join(tmpdir(), 'evalscope-swanlab-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const record = join(root, 'calls.jsonl')

/** A package that writes down what it is asked for, prints like the real one, and knows one key. */
writeFileSync(
  join(root, 'swanlab.py'),
  `import json, os
def _note(call, **words):
    with open(${JSON.stringify(record)}, "a") as file:
        file.write(json.dumps({"call": call, "log_dir": os.environ.get("SWANLAB_LOG_DIR"), **words}) + "\\n")
    print("swanlab: tracking run")
class Config(dict):
    def update(self, words):
        _note("config", words=words)
config = Config()
def login(api_key, host=None):
    if api_key == "bad":
        raise ValueError("Login failed: Error api key")
    _note("login", api_key=api_key, host=host)
def init(**options):
    _note("init", options=options)
def log(figures, step=None):
    _note("log", figures=figures, step=step)
def finish():
    _note("finish")
def Text(text):
    return text
`,
)

const env = { PATH: process.env.PATH, HOME: root, PYTHONPATH: root, PYTHONDONTWRITEBYTECODE: '1' }

const connect = (key: string, more: Readonly<Record<string, string>> = {}, stop = anyTime) =>
  findVisualizer('swanlab', { swanlabApiKey: key }, { ...env, ...more }).connect(stop)

test.skipIf(!hasPython())('where Python has swanlab, it is what logs', async () => {
  const client = await connect('good', { SWANLAB_WORKSPACE: 'team' })
  expect(client).toBeInstanceOf(SwanlabBridge)
  await client.logIn(anyTime)
  await client.begin(benchmark, anyTime)
  await client.send(someItems, anyTime)
  await client.finish(true, anyTime)
  client.close()
  const calls = readFileSync(record, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  const { project, name: experiment_name, config } = benchmark
  expect(calls.map(({ log_dir: _, ...call }) => call)).toEqual([
    { call: 'login', api_key: 'good', host: null },
    { call: 'config', words: { framework: '📏evalscope' } },
    { call: 'init', options: { project, experiment_name, config, workspace: 'team' } },
    { call: 'log', figures: { 'Avg TTFT (ms)': 12.5, Concurrency: 1 }, step: 0 },
    { call: 'log', figures: { 'Avg TTFT (ms)': 13.5, Concurrency: 1 }, step: 1 },
    { call: 'log', figures: { 'parallel_1_number_4/Avg TTFT (ms)': 13.5 }, step: 1 },
    {
      call: 'log',
      figures: {
        'parallel_1_number_4/Percentiles': '| Percentiles | TTFT (ms) |\n| --- | --- |\n| 50% | 13.1 |\n| 99% | None |',
      },
      step: 1,
    },
    { call: 'finish' },
  ])
  expect(calls.at(-1).log_dir).toBe('/tmp/results')
})

test.skipIf(!hasPython())('what the package refuses is a refusal, in its words', async () => {
  const client = await connect('bad')
  await expect(client.logIn(anyTime)).rejects.toThrow('ValueError: Login failed: Error api key')
  await expect(client.logIn(anyTime)).rejects.toThrow(ServiceRefusal)
  client.close()
})

test('the key local keeps everything on this machine, and takes the package', async () => {
  const elsewhere = { PATH: '/nonexistent' }
  await expect(connect('local', elsewhere)).rejects.toThrow(/only Python's swanlab writes; pip install swanlab$/)
  const client = await connect('a-key', elsewhere)
  expect(client).toBeInstanceOf(SwanlabClient)
  client.close()
})

test.skipIf(process.platform === 'win32')('a stop ends a Python that hangs while it loads the package', async () => {
  const bin = join(root, 'bin')
  const started = join(root, 'started')
  mkdirSync(bin)
  writeFileSync(join(bin, 'python3'), `#!/bin/sh\necho $$ > ${started}\nexec sleep 60\n`, { mode: 0o755 })
  const stopping = new AbortController()
  const connecting = connect('good', { PATH: `${bin}:${env.PATH}` }, stopping.signal)
  const pid = await vi.waitUntil(() => existsSync(started) && Number(readFileSync(started, 'utf8')), {
    timeout: 10_000,
  })
  stopping.abort()
  expect(await connecting).toBeInstanceOf(SwanlabClient)
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})
