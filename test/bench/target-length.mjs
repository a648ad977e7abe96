// How exactly `target_input_len` is met, as a server with the same tokenizer counts:
// `npm run build && node test/bench/target-length.mjs <tokenizer directory> …`. One line each: tokenizer, way, target.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openqa } from '../../dist/datasets/openqa.js'
import { rngFor } from '../../dist/stats/rng.js'
import { loadTokenizer } from '../../dist/tokenizers/index.js'
import { fixed, table } from './table.mjs'

const targets = [16, 128, 512, 2000]
const packageFile = fileURLToPath(new URL('../../datasets/open_qa.jsonl', import.meta.url))
const questions = readFileSync(packageFile, 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line).question)

const pieces = [
  ...questions,
  'const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0)\n\n\treturn sum([1, 22, 333])\n',
  'for (int i = 0; i < n; ++i) {\n        if (a[i] != 0x7f) continue;   /* --- */\n    }\r\n',
  '👩‍👩‍👧‍👦 🏳️‍🌈 😀😃😄 👍🏽 🇩🇪🇯🇵 ',
  '𠜎𠜱𠝹𠱓𠱸𠲖𠳏 龘靐齉 ',
  'Ångström Ünïcödé e\u0301tude n\u0303 a\u0308 ﬁne ',
  'Привет, мир! שלום עולם مرحبا بالعالم हिन्दी ไทย ',
  '3.14159265358979 12,345,678 2026-11-22T09:41:00Z ',
  '        \n\n\n  | a | b |\n|---|---|\n',
]

/** Texts of 1 to 80 pieces: short ones are kept or filled up, long ones cut. */
const drawTexts = count =>
  Array.from({ length: count }, (_, index) => {
    const rng = rngFor(7, 'text', index)
    // Half of them are all questions, half take every other piece from the odd ones.
    const draw = () =>
      index % 2 === 0 || rng.float() < 0.5
        ? questions[rng.integer(0, questions.length - 1)]
        : pieces[rng.integer(questions.length, pieces.length - 1)]
    return Array.from({ length: rng.integer(1, 80) }, draw)
      .join(' ')
      .trim()
  }).filter(text => text !== '')

const directory = mkdtempSync(join(tmpdir(), 'target-length-'))
const textFile = join(directory, 'texts.jsonl')
const prefixFile = join(directory, 'prefix.txt')
writeFileSync(textFile, [...questions, ...drawTexts(300)].map(question => `${JSON.stringify({ question })}\n`).join(''))
writeFileSync(prefixFile, drawTexts(60).join('\n\n'))

const ways = [
  { name: 'cut, chat', chat: true, args: { input_len_mode: 'drop' } },
  { name: 'cut, plain', chat: false, args: { input_len_mode: 'drop' } },
  { name: 'prefix of the system', chat: true, args: { prefix_file: prefixFile }, filled: true },
  { name: 'prefix of the user', chat: true, args: { prefix_file: prefixFile, prefix_role: 'user' }, filled: true },
  { name: 'prefix, plain', chat: false, args: { prefix_file: prefixFile }, filled: true },
]

/** What a server counts for a prompt, without what its template or tokenizer puts around a text of one token. */
const countAsServer = (prompt, tokenizer) => {
  if (prompt.kind === 'text') {
    return (
      tokenizer.encode(prompt.text, true).length - tokenizer.encode('a', true).length + tokenizer.encode('a').length
    )
  }
  const around = prompt.messages.map(({ role }) => ({ role, content: 'a' }))
  const bare = tokenizer.encode('a').length * around.length
  return tokenizer.encodeChat(prompt.messages).length - tokenizer.encodeChat(around).length + bare
}

const measure = async (tokenizer, { chat, args }, target) => {
  const settings = {
    spec: 'openqa',
    path: textFile,
    chat,
    minPromptLength: 0,
    maxPromptLength: 131_072,
    args: { target_input_len: target, ...args },
  }
  const misses = []
  let system = 0
  let exactSystem = 0
  const startMs = performance.now()
  const conversations = []
  const context = { settings, seed: 1, tokenizer, say: () => undefined }
  for await (const conversation of openqa.open(context)) conversations.push(conversation)
  const ms = performance.now() - startMs
  for (const { turns } of conversations) {
    const { prompt } = turns[0]
    const miss = countAsServer(prompt, tokenizer) - target
    misses.push(miss)
    if (prompt.messages?.[0].role !== 'system') continue
    system++
    if (miss === 0) exactSystem++
  }
  const within = misses.filter(miss => Math.abs(miss) <= 1).length / misses.length
  const exact = misses.filter(miss => miss === 0).length / misses.length
  const worst = misses.reduce((most, miss) => (Math.abs(miss) > Math.abs(most) ? miss : most), 0)
  return { prompts: misses.length, within, exact, worst, system, exactSystem, msEach: ms / misses.length }
}

const head = ['way', 'target', 'prompts', 'within 1', 'exact', 'worst', 'system exact', 'ms each']
// One of thousands counts: whole percents would hide it.
const percent = share => `${fixed(100 * share, 2)} %`
const directories = process.argv.slice(2)
if (directories.length === 0) throw new Error('give one or more tokenizer directories')
for (const path of directories) {
  const tokenizer = await loadTokenizer(path)
  const rows = []
  for (const way of ways) {
    for (const target of targets) {
      const found = await measure(tokenizer, way, target)
      rows.push([
        way.name,
        String(target),
        String(found.prompts),
        percent(found.within),
        percent(found.exact),
        String(found.worst),
        found.system === 0 ? '' : `${found.exactSystem} of ${found.system}`,
        fixed(found.msEach, 1),
      ])
    }
  }
  console.log(`\n${path}`)
  console.log(table(head, rows).join('\n'))
}
rmSync(directory, { recursive: true })
