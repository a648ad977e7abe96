import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ArgumentsError } from '../../src/errors.ts'
import type { Message } from '../../src/model/conversation.ts'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import { bytesTokenizerPath, wordsTokenizerPath } from './paths.ts'

let root: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tokenizers-'))
})

afterAll(() => rm(root, { recursive: true }))

/** A directory with the given files. */
const directory = async (name: string, files: Readonly<Record<string, string>>): Promise<string> => {
  const path = join(root, name)
  await mkdir(path, { recursive: true })
  for (const [file, text] of Object.entries(files)) await writeFile(join(path, file), text)
  return path
}

/** Copies the tokenizer.json of the words tokenizer beside the given files. */
const wordsWith = async (name: string, files: Readonly<Record<string, string>>): Promise<string> => {
  const path = await directory(name, files)
  await copyFile(join(wordsTokenizerPath, 'tokenizer.json'), join(path, 'tokenizer.json'))
  return path
}

const hi = [{ role: 'user', content: 'hello' }]

const model = (vocab: unknown) => JSON.stringify({ model: { type: 'BPE', vocab } })
test.each<[string, () => Promise<string>, RegExp]>([
  ['an empty directory', () => directory('empty', {}), /empty holds no tokenizer\.json; give a directory that does/],
  ['a missing directory', async () => join(root, 'missing'), /missing does not exist; give a directory/],
  ['a file', async () => join(wordsTokenizerPath, 'tokenizer.json'), /tokenizer\.json is a file; give the directory/],
  [
    'a hub id',
    async () => 'Qwen/Qwen2.5-0.5B-Instruct',
    /Qwen\/Qwen2\.5-0\.5B-Instruct does not exist; give a directory/,
  ],
  ['a name that may be meant as an id', async () => 'gpt2', /gpt2 does not exist; .*, or an id like owner\/name$/],
  ['a relative path', async () => './nowhere/here', /^--tokenizer-path \.\/nowhere\/here does not exist/],
  [
    'broken JSON',
    () => directory('broken', { 'tokenizer.json': '{"model":\n oops' }),
    /tokenizer\.json is not valid JSON/,
  ],
  [
    'JSON of another kind',
    () => directory('array', { 'tokenizer.json': '[]' }),
    /tokenizer\.json is not a JSON object/,
  ],
  ['an empty object', () => directory('object', { 'tokenizer.json': '{}' }), /object\/tokenizer\.json is no tokenizer/],
  ['half a model', () => directory('half', { 'tokenizer.json': model({}) }), /half\/tokenizer\.json is no tokenizer/],
  [
    'a broken config',
    () => wordsWith('config', { 'tokenizer_config.json': '{' }),
    /tokenizer_config\.json is not valid/,
  ],
  [
    'a pointer of Git LFS',
    () => directory('lfs', { 'tokenizer.json': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n' }),
    /tokenizer\.json is only a pointer to the file; fetch it with: git lfs pull/,
  ],
])('%s is one clear line', async (_what, path, message) => {
  const error = await loadTokenizer(await path()).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ArgumentsError)
  expect((error as Error).message).toMatch(message)
  expect((error as Error).message).not.toContain('\n')
})

test.each(['missing', 'empty', 'words/tokenizer.json'])('%s is told with the flag that names it', async name => {
  const path = name.startsWith('words') ? join(wordsTokenizerPath, 'tokenizer.json') : join(root, name)
  await mkdir(join(root, 'empty'), { recursive: true })
  const error = await loadTokenizer(path, '--model').catch((thrown: unknown) => thrown)
  expect((error as Error).message).toMatch(/^--model \//)
})

test('tokenizer.json alone is enough, and then there is no chat template', async () => {
  const tokenizer = await loadTokenizer(await wordsWith('alone', {}))
  expect(tokenizer.decode(tokenizer.encode('hello world'))).toBe('hello world')
  expect(tokenizer.hasChatTemplate).toBe(false)
  expect(() => tokenizer.encodeChat(hi)).toThrow(/has no chat template; give --no-apply-chat-template/)
})

test('chat_template.jinja stands above the template of the config', async () => {
  const tokenizer = await loadTokenizer(wordsTokenizerPath)
  expect(tokenizer.encodeChat(hi)).toEqual([1, 3, ...tokenizer.encode('hello'), 2, 4])
})

test('chat_template.json stands above the template of the config, and below chat_template.jinja', async () => {
  const files = {
    'tokenizer_config.json': JSON.stringify({ chat_template: 'hello' }),
    'chat_template.json': JSON.stringify({ chat_template: 'hello world' }),
  }
  const tokenizer = await loadTokenizer(await wordsWith('json-template', files))
  expect(tokenizer.decode(tokenizer.encodeChat(hi))).toBe('hello world')
  const both = await loadTokenizer(await wordsWith('both-templates', { ...files, 'chat_template.jinja': 'world' }))
  expect(both.decode(both.encodeChat(hi))).toBe('world')
})

test('a chat template that knows lists of parts alone gets texts as parts', async () => {
  const template =
    "{% for m in messages %}{% for c in m['content'] | selectattr('type', 'equalto', 'text') %}" +
    "{{ c['text'] + ' ' }}{% endfor %}{% endfor %}"
  const tokenizer = await loadTokenizer(await wordsWith('parts', { 'chat_template.jinja': template }))
  const parts = [{ role: 'user', content: [{ type: 'text', text: 'world' }] }]
  const textOf = (messages: readonly Message[]) => tokenizer.decode(tokenizer.encodeChat(messages)).trim()
  expect([parts, hi, [...hi, ...parts]].map(textOf)).toEqual(['world', 'hello', 'hello world'])
})

test('of named templates the one called default is taken', async () => {
  const tokenizer = await loadTokenizer(bytesTokenizerPath)
  expect(tokenizer.encodeChat(hi)).toEqual(tokenizer.encode('user:hello<|end|>'))
})

test('named templates without a default are no chat template', async () => {
  const config = JSON.stringify({ chat_template: [{ name: 'tool_use', template: 'x' }] })
  expect((await loadTokenizer(await wordsWith('named', { 'tokenizer_config.json': config }))).hasChatTemplate).toBe(
    false,
  )
})

test.each([
  ['does not parse', '{% if %}', /cannot render these messages \(Unexpected token/],
  ['refuses the messages', '{{ raise_exception("roles must alternate") }}', /\(roles must alternate\); correct/],
])('a chat template that %s is one clear line that names the directory', async (name, template, message) => {
  const path = await wordsWith(name.replaceAll(' ', '-'), { 'chat_template.jinja': template })
  const tokenizer = await loadTokenizer(path)
  expect(() => tokenizer.encodeChat(hi)).toThrow(ArgumentsError)
  expect(() => tokenizer.encodeChat(hi)).toThrow(message)
  expect(() => tokenizer.encodeChat(hi)).toThrow(path)
})
