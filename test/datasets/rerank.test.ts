import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { randomRerank } from '../../src/datasets/random-rerank.ts'
import { rerank } from '../../src/datasets/rerank.ts'
import { ArgumentsError } from '../../src/errors.ts'
import type { DatasetSettings } from '../../src/model/run-plan.ts'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import { wordsTokenizerPath } from '../tokenizers/paths.ts'
import { createContext, promptsOf, take } from './context.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'rerank-')))
afterAll(() => rmSync(root, { recursive: true }))

const readFrom = async (name: string, content: string) => {
  const path = join(mkdtempSync(join(root, 'case-')), name)
  writeFileSync(path, content)
  const said: string[] = []
  const context = createContext({ spec: 'rerank', path, minPromptLength: 100 }, { said })
  const prompts = promptsOf(await take(rerank.open(context)))
  return { prompts, said: said.map(line => line.replace(/\/\S*\//, '')) }
}

const pair = (query: string, ...documents: string[]) => ({ kind: 'rerank', query, documents })

describe('queries of a file', () => {
  const lines = [
    '{"query":"one","documents":["a","b"]}',
    '{"query":"two","passages":["c"]}',
    '',
    '{"query":"three","texts":"d","id":3}',
    '{"query":"four","documents":[{"text":"e","title":"x"},"f"]}',
  ]
  const expected = [pair('one', 'a', 'b'), pair('two', 'c'), pair('three', 'd'), pair('four', 'e', 'f')]

  test.each([
    ['a.jsonl', lines.join('\r\n')],
    ['a.txt', lines.join('\n')],
    ['a.json', `[${lines.filter(line => line !== '').join(',\n')}]`],
    ['lines.json', lines.join('\n')],
  ])('of %s, whatever their length', async (name, content) => {
    expect(await readFrom(name, content)).toEqual({ prompts: expected, said: [] })
  })

  test('are skipped where they are incomplete, with a line that says so', async () => {
    const broken = [
      '{"query":"x"}',
      '{"documents":["a"]}',
      '{"query":"x","documents":[]}',
      '"x"',
      '{"query":"x","texts":[1]}',
    ]
    const withLines = await readFrom('a.jsonl', [lines[0], ...broken].join('\n'))
    expect(withLines).toEqual({
      prompts: expected.slice(0, 1),
      said: [
        'a.jsonl:2: skipped, no "documents", "passages" or "texts" with texts in them',
        'a.jsonl:3: skipped, no "query" with a text in it',
        'a.jsonl:4: skipped, no "documents", "passages" or "texts" with texts in them',
        'a.jsonl: 5 lines skipped in all',
      ],
    })
    const withElements = await readFrom('a.json', `[${[lines[0], ...broken].join(',')}]`)
    expect(withElements.said.at(0)).toBe(
      'a.json:1: element 2: skipped, no "documents", "passages" or "texts" with texts in them',
    )
    expect(withElements.said.at(-1)).toBe('a.json: 5 elements skipped in all')
  })

  test.each([
    [
      'a.jsonl',
      '{"query":"one","documents":["a"]}\n{"query"',
      /a\.jsonl:2: not valid JSON \(.+\); correct or remove the line$/,
    ],
    [
      'a.jsonl',
      '{"q":1}\n{"q":2}',
      /a\.jsonl holds no queries with documents: all 2 were skipped, the first for no "query" with a text in it; give a file with at least one$/,
    ],
    ['a.jsonl', '', /a\.jsonl holds no queries with documents; give a file with at least one$/],
    ['a.txt', 'one\ttwo', /a\.txt begins with "one\\ttwo"; give JSON Lines or a JSON array$/],
  ])('says what is wrong with %s that holds %j', async (name, content, message) => {
    const error = await readFrom(name, content).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ArgumentsError)
    expect((error as Error).message).toMatch(message)
  })
})

describe('drawn queries', () => {
  const draw = async (settings: Partial<DatasetSettings>, count: number) => {
    const tokenizer = await loadTokenizer(wordsTokenizerPath)
    const context = createContext({ spec: 'random_rerank', ...settings }, { tokenizer })
    return promptsOf(await take(randomRerank.open(context), count)).map(prompt => {
      if (prompt.kind !== 'rerank') throw new Error(prompt.kind)
      return [prompt.query, ...prompt.documents].map(text => tokenizer.encode(text).length)
    })
  }

  test('have ten documents, each five times as long', async () => {
    const lengths = await draw({ minPromptLength: 8, maxPromptLength: 8 }, 3)
    expect(lengths).toEqual(Array(3).fill([8, ...Array(10).fill(40)]))
  })

  test('have as many and as long ones as is asked for, cut to whole tokens and never empty', async () => {
    const args = { num_documents: 2, document_length_ratio: 1.5 }
    expect(await draw({ minPromptLength: 5, maxPromptLength: 5, args }, 3)).toEqual(Array(3).fill([5, 7, 7]))
    const short = { num_documents: 1, document_length_ratio: 0.1 }
    expect(await draw({ minPromptLength: 5, maxPromptLength: 5, args: short }, 2)).toEqual(Array(2).fill([5, 1]))
    const spread = await draw({ minPromptLength: 0, maxPromptLength: 3, args }, 60)
    expect(new Set(spread.map(([query]) => query))).toEqual(new Set([1, 2, 3]))
  })

  test('cannot be so long that one request has a million tokens', async () => {
    await expect(draw({}, 1)).rejects.toThrow(
      '--dataset random_rerank: a request could have 6684672 tokens, more than 1000000; ' +
        'lower --max-prompt-length (131072), num_documents (10) or document_length_ratio (5)',
    )
  })
})
