// How exactly `--dataset random` meets its lengths, as a server with the same tokenizer counts, and how quickly:
// `npm run build && node test/bench/random-prompts.mjs <tokenizer directory> …`.
import { random } from '../../dist/datasets/random.js'
import { loadTokenizer } from '../../dist/tokenizers/index.js'
import { fixed, table } from './table.mjs'

const prompts = 1000
const lengths = { minPromptLength: 64, maxPromptLength: 2048 }

const ways = [
  { name: 'chat messages', settings: { chat: true } },
  { name: 'plain texts', settings: { chat: false } },
  { name: 'behind a prefix of 256', settings: { chat: true, prefixLength: 256 } },
  { name: 'token ids', settings: { chat: false, tokenizePrompt: true } },
]

const draw = async (tokenizer, settings, count) => {
  const all = { spec: 'random', offset: 0, prefixLength: 0, tokenizePrompt: false, args: {}, ...settings }
  const { at } = await random.draw({ settings: all, seed: 1, tokenizer, say: () => undefined })
  return Array.from({ length: count }, (_, index) => at(index).turns[0].prompt)
}

/** What a server counts: with what its chat template or, for a plain text, its tokenizer puts around it. */
const countAsServer = (prompt, tokenizer) => {
  if (prompt.kind === 'tokens') return prompt.ids.length
  return prompt.kind === 'text'
    ? tokenizer.encode(prompt.text, true).length
    : tokenizer.encodeChat(prompt.messages).length
}

/** The first length drawn for each prompt, which the ids have exactly. */
const wantedLengths = async (tokenizer, settings) => {
  const around = settings.tokenizePrompt
    ? 0
    : settings.chat
      ? tokenizer.encodeChat([{ role: 'user', content: '' }]).length
      : tokenizer.encode('', true).length
  const inner = { minPromptLength: lengths.minPromptLength - around, maxPromptLength: lengths.maxPromptLength - around }
  const asIds = { ...settings, ...inner, tokenizePrompt: true }
  return (await draw(tokenizer, asIds, prompts)).map(({ ids }) => ids.length + around)
}

const exactness = async (tokenizer, { name, settings }) => {
  const wanted = await wantedLengths(tokenizer, settings)
  const drawn = await draw(tokenizer, { ...settings, ...lengths }, prompts)
  const misses = drawn.map((prompt, index) => countAsServer(prompt, tokenizer) - wanted[index])
  const exact = misses.filter(miss => miss === 0).length
  const worst = misses.reduce((most, miss) => (Math.abs(miss) > Math.abs(most) ? miss : most), 0)
  return [name, String(prompts), `${fixed((100 * exact) / prompts, 2)} %`, String(worst)]
}

const cpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** CPU time, so that what else runs on the machine changes little. */
const speed = async (tokenizer, length, count) => {
  const settings = { chat: true, minPromptLength: length, maxPromptLength: length }
  const startMs = cpuMs()
  await draw(tokenizer, settings, count)
  const ms = (cpuMs() - startMs) / count
  return [`${length} tokens`, String(count), fixed(ms, 1), fixed(1000 / ms, 1), fixed(length / ms, 0)]
}

const directories = process.argv.slice(2)
if (directories.length === 0) throw new Error('give one or more tokenizer directories')
for (const path of directories) {
  const tokenizer = await loadTokenizer(path)
  tokenizer.ordinaryIds()
  console.log(`\n${path}`)
  const speeds = [await speed(tokenizer, 1024, 200), await speed(tokenizer, 100_000, 10)]
  console.log(table(['one core', 'prompts', 'ms each', 'prompts/s', 'thousand tokens/s'], speeds).join('\n'))
  const rows = []
  for (const way of ways) rows.push(await exactness(tokenizer, way))
  console.log(table(['way', 'prompts', 'exact', 'worst miss, tokens'], rows).join('\n'))
}
