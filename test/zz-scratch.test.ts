import { test } from 'vitest'
import { writeFileSync, mkdtempSync } from 'node:fs'
import { execSync } from 'node:child_process'
import { createPrefix } from '../src/datasets/support/prefix.ts'
import { cutText } from '../src/datasets/support/cut-text.ts'
import { workloadTrace } from '../src/datasets/workload-trace.ts'
import { lineByLine } from '../src/datasets/line-by-line.ts'
import { rngFor } from '../src/stats/rng.ts'
import { loadTokenizer } from '../src/tokenizers/index.ts'
import { qwenTokenizerPath } from './tokenizers/paths.ts'
import { createContext, take } from './datasets/context.ts'
const qwen = await loadTokenizer(qwenTokenizerPath)
const attempt = async (name: string, f: () => unknown) => { try { console.log(name, await f()) } catch (e) { console.log(name, 'THROWS', (e as Error).constructor.name, String((e as Error).message).slice(0, 200)) } }
test('x', async () => {
  for (const corpus of ['=', '-', 'a', ' x', 'ab\n', 'the cat ', '。', '\n.\n'])
    await attempt(JSON.stringify(corpus), () => { const p = createPrefix(corpus, 2000, qwen, rngFor(0, 'x')); const r = p.ofLength(2000); return [r.tokens, qwen.encode(r.text).length, p.before('hello', 1, 500).tokens] })
  await attempt('emoji', () => JSON.stringify(cutText('🫠🫠🫠', 1, qwen, rngFor(0, 'x'))))
  await attempt('blank', () => JSON.stringify(cutText('\n\n\t foo bar', 1, qwen, rngFor(0, 'x'))))
  const dir = mkdtempSync('/tmp/rv/')
  const f = dir + '/t.jsonl'
  const trace = async (text: string, args = {}) => { writeFileSync(f, text); const c = createContext({ path: f, args }); const d = await workloadTrace.prepare!(c); return take(d.open(c)) }
  const deep = (n: number) => '['.repeat(n) + ']'.repeat(n)
  await attempt('deep', async () => (await trace(`{"timestamp":1,"body":{"a":${deep(100000)}}}`)).length)
  await attempt('deep300', async () => (await trace(`{"timestamp":1,"body":{"a":${deep(300)}}}`)).length)
  await attempt('deeptext', async () => (await trace(JSON.stringify({timestamp:1,body:`{"a":${deep(100000)}}`}), {model_override:'x'})).length)
  await attempt('dup', async () => JSON.stringify((await trace(`{"timestamp":1,"body":{"x":1},"body":{"a":${deep(205)}}}`))[0]!.turns[0]!.prompt.text))
  await attempt('infinite', async () => (await trace('{"timestamp":-1e308,"body":{}}\n{"timestamp":1e308,"body":{}}')).map(c => c.arrivalMs))
  execSync(`mkfifo ${dir}/fifo; (cat ${f} > ${dir}/fifo; cat ${f} > ${dir}/fifo) &`, {shell:'/bin/bash', stdio: 'ignore'})
  writeFileSync(f, '{"timestamp":1,"body":{}}\n')
  await attempt('fifo', async () => { const c = createContext({ path: dir+'/fifo' }); const d = await workloadTrace.prepare!(c); return take(d.open(c)) })
  writeFileSync(f, 'hello world\n')
  await attempt('bigtarget', async () => { const c = createContext({ path: f, args: {target_input_len: 1e9, prefix_file: f} }, {tokenizer: qwen}); return take(lineByLine.open(c)) })
  await attempt('msgs', async () => { const a: number[] = []; a.push(...Array(2_000_000).fill(1)); return a.length })
}, 60000)
