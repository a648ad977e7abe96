import { expect, test } from 'vitest'
import { Arguments } from '../../src/arguments/arguments.ts'
import type { ArgumentsInput } from '../../src/arguments/arguments-input.ts'
import type { EarlierRun } from '../../src/arguments/earlier-run.ts'
import type { Provenance } from '../../src/model/provenance.ts'
import { explainRepeat } from '../../src/run/differences.ts'
import { provenanceOf } from '../support/benchmark-directory.ts'

const then = new Arguments({ url: 'http://h', seed: 3, parallel: [1, 2], outputsDir: 'a' })

const file = { path: 'a/questions.jsonl', bytes: 10, sha256: '0123456789abcdef' }
const facts: Partial<Provenance> = {
  versions: { evalscope: '0.1.0', node: 'v20.1.0' },
  files: { dataset_path: file },
  server: { models: ['m', 'n'], version: { version: '0.9.1' } },
  host: { cores: 2, memory_gib: 16 },
}

const earlier: EarlierRun = {
  directory: 'outputs/x',
  given: provenanceOf(then).given,
  seed: 3,
  model: 'm',
  provenance: JSON.parse(JSON.stringify(provenanceOf(then, facts))),
}

const linesFor = (more: Partial<Provenance>, input: ArgumentsInput = {}) => {
  const now = new Arguments({ url: 'http://h', seed: 3, parallel: [1, 2], outputsDir: 'b', ...input })
  return explainRepeat(earlier, provenanceOf(now, { ...facts, ...more }))
}

const head = 'repeats outputs/x of 2026-01-02T03:04:05.678Z, seed 3'

test('nothing but where results go differs: one line', () => {
  expect(linesFor({})).toEqual([`${head}; flags, versions, files, server, proxy and host are as they were`])
})

test.each<[string, Partial<Provenance>, ArgumentsInput, string[]]>([
  ['a version', { versions: { evalscope: '0.1.0', node: 'v22.1.0' } }, {}, ['node: v22.1.0 now, v20.1.0 then']],
  ['the host', { host: { cores: 8, memory_gib: 16 } }, {}, ['host cores: 8 now, 2 then']],
  [
    'a limit of the host',
    { host: { ...facts.host, cpu_quota_cores: 1.5 } },
    {},
    ['host cpu quota cores: 1.5 now, none then'],
  ],
  [
    'the server',
    { server: { models: ['m'], version: { version: '0.9.2' } } },
    {},
    ['server models: m now, m n then', 'server version: version 0.9.2 now, version 0.9.1 then'],
  ],
  [
    'a server that says nothing',
    { server: undefined },
    {},
    ['server models: none now, m n then', 'server version: none now, version 0.9.1 then'],
  ],
  ['a proxy', { proxy: 'http://proxy:3128' }, {}, ['proxy: http://proxy:3128 now, none then']],
  ['flags', {}, { parallel: 4, duration: 5 }, ['--parallel: 4 now, 1 2 then', '--duration: 5 now, not given then']],
  ['nothing: what becomes of the results', {}, { strict: true, definitions: true, json: true, name: 'n' }, []],
  ['nothing: a file that stands elsewhere', { files: { dataset_path: { ...file, path: 'b' } } }, {}, []],
  [
    'what is in a file',
    { files: { dataset_path: { path: 'b', bytes: 11, sha256: 'fedcba9876543210' } } },
    {},
    ["contents of the dataset's file: b (11 bytes, fedcba987654) now, a/questions.jsonl (10 bytes, 0123456789ab) then"],
  ],
  [
    'a file that is not read any more',
    { files: {} },
    {},
    ["contents of the dataset's file: none now, a/questions.jsonl (10 bytes, 0123456789ab) then"],
  ],
  [
    'that the questions are our own now',
    { files: {}, dataset_source: 'ours' },
    {},
    ["contents of the dataset's file: our own now, a/questions.jsonl (10 bytes, 0123456789ab) then"],
  ],
])('what differs is %s', (_, more, input, lines) => {
  const said = linesFor(more, input)
  if (lines.length > 0) expect(said).toEqual([head, ...lines.map(line => `differs: ${line}`)])
  else expect(said).toHaveLength(1)
})

test('a file that a flag names is told by the flag', () => {
  const files = { dataset_path: { path: 'b', bytes: 11, sha256: 'fedcba9876543210' } }
  expect(linesFor({ files }, { datasetPath: 'b' })).toContain(
    'differs: contents of --dataset-path: b (11 bytes, fedcba987654) now, a/questions.jsonl (10 bytes, 0123456789ab) then',
  )
})

test('another seed', () => {
  const now = new Arguments({ url: 'http://h', seed: 4, parallel: [1, 2] })
  expect(explainRepeat(earlier, provenanceOf(now, facts))).toEqual([
    'repeats outputs/x of 2026-01-02T03:04:05.678Z, seed 4',
    'differs: --seed: 4 now, 3 then',
  ])
})
