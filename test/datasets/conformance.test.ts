import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { builtinDatasets } from '../../src/datasets/index.ts'
import { openqa } from '../../src/datasets/openqa.ts'
import { promptDataset } from '../../src/datasets/prompt.ts'
import type { DatasetSettings } from '../../src/model/run-plan.ts'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import { wordsTokenizerPath } from '../tokenizers/paths.ts'
import { describeDatasetContract } from './conformance.ts'
import { createContext, promptsOf, take } from './context.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'datasets-')))
afterAll(() => rmSync(root, { recursive: true }))

const linesFile = join(root, 'lines.txt')
writeFileSync(linesFile, Array.from({ length: 60 }, (_, index) => `question ${index}\n`).join(''))
const packageFile = fileURLToPath(new URL('../../datasets/open_qa.jsonl', import.meta.url))
const tokenizer = await loadTokenizer(wordsTokenizerPath)

/** What each dataset needs before it works. */
const needs: Readonly<Record<string, Partial<DatasetSettings>>> = {
  line_by_line: { path: linesFile },
  custom: { path: linesFile },
  random: { minPromptLength: 6, maxPromptLength: 40 },
  prompt: { prompt: 'How old is the river?' },
}

const files: Readonly<Record<string, string>> = { openqa: packageFile, line_by_line: linesFile, custom: linesFile }

const contextOf = (name: string, settings: Partial<DatasetSettings> = {}, seed = 1) =>
  createContext({ spec: name, ...needs[name], ...settings }, { seed, ...(name === 'random' ? { tokenizer } : {}) })

const datasets = [...builtinDatasets, promptDataset].map(dataset => ({ name: dataset.names[0] ?? '', dataset }))

for (const { name, dataset } of datasets) {
  const file = files[name]
  describeDatasetContract({
    dataset,
    createContext: (settings, seed) => contextOf(name, settings, seed),
    ...(file === undefined ? {} : { file }),
    ...(name === 'random' ? { draws: true } : {}),
  })
}

test.each(datasets)('$name leaves texts bare in plain mode', async ({ name, dataset }) => {
  const prompts = promptsOf(await take(dataset.open(contextOf(name, { chat: false })), 5))
  expect(prompts.map(prompt => prompt.kind)).toEqual(prompts.map(() => 'text'))
})

test.each(datasets)(
  '$name makes texts messages of the user in chat mode, a plain set apart',
  async ({ name, dataset }) => {
    for (const prompt of promptsOf(await take(dataset.open(contextOf(name)), 5))) {
      if (dataset.plainPrompts) expect(prompt.kind).toBe('text')
      else expect(prompt).toEqual({ kind: 'messages', messages: [{ role: 'user', content: expect.any(String) }] })
    }
  },
)

test('no two built-in datasets share a name', () => {
  const names = builtinDatasets.flatMap(dataset => dataset.names)
  expect(names).toEqual(['openqa', 'line_by_line', 'custom', 'random', 'speed_benchmark', 'speed_benchmark_long'])
})

test('the questions that come with the package are many, different and in two languages', async () => {
  const said: string[] = []
  const prompts = promptsOf(await take(openqa.open(createContext({ chat: false }, { said }))))
  const texts = prompts.map(prompt => (prompt.kind === 'text' ? prompt.text : ''))
  const chinese = texts.filter(text => /\p{Script=Han}/u.test(text))
  expect(new Set(texts).size).toBe(texts.length)
  expect(texts.length).toBeGreaterThanOrEqual(220)
  expect(Math.abs(chinese.length / texts.length - 0.5)).toBeLessThan(0.05)
  expect(texts.filter(text => text.length > 250).length).toBeGreaterThanOrEqual(20)
  expect(said).toEqual([
    'openqa: no --dataset-path given; the questions are our own, from datasets/open_qa.jsonl of this package',
  ])
})
