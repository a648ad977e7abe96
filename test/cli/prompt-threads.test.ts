import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { jpeg, writeTar } from '../datasets/image-files.ts'
import { startChatServer } from '../support/chat-server.ts'
import { createCli, jsonOf, words } from '../support/cli.ts'
import { wordsTokenizerPath } from '../tokenizers/paths.ts'

const cli = createCli()
const drawn = `--dataset random --tokenizer-path ${wordsTokenizerPath} --min-prompt-length 6 --max-prompt-length 40 --seed 3`

const messagesOf = (body: unknown) => (body as { readonly messages: readonly { readonly content: string }[] }).messages

/** The bodies that reach a server, sorted, and what the program says. */
const send = async (flags: string) => {
  const server = await startChatServer()
  const { code, stderr, directory } = await cli.run(words(`perf --url ${server.url} --model m ${drawn} ${flags}`))
  await server.close()
  const bodies = server.measured().map(({ body }) => JSON.stringify(body))
  return { code, stderr, directory, bodies: bodies.toSorted() }
}

test('the same is sent with prompts of no, one and three threads, in every run of a sweep', async () => {
  const runs = '--parallel 2 4 -n 10 25 --max-tokens 8 64 --sleep-interval 0'
  const here = await send(`${runs} --num-workers 1`)
  expect(new Set(here.bodies).size).toBe(35)
  const [two, three] = [await send(`${runs} --num-workers 2`), await send(`${runs} --num-workers 3`)]
  expect([here.code, two.code, three.code]).toEqual([0, 0, 0])
  expect(two.bodies).toEqual(here.bodies)
  expect(three.bodies).toEqual(here.bodies)
  expect(here.stderr).not.toContain('--num-workers')
  expect(two.stderr.match(/--num-workers 2: 2 threads make prompts, before the clock starts\n/g)).toHaveLength(1)
  expect(jsonOf(two.directory, 'parallel_2_number_10', 'benchmark_summary.json')).toMatchObject({
    'Prompt Wait (ms)': { requests: 0, total: 0, max: 0 },
  })
})

test('prompts have their length with what the body asks of the chat template', async () => {
  const tokenizer = join(cli.freshDirectory(), 'tokenizer')
  cpSync(wordsTokenizerPath, tokenizer, { recursive: true })
  // Four tokens around a message, and two more where they are asked for.
  const template = `${readFileSync(join(tokenizer, 'chat_template.jinja'), 'utf8')}{% if long %} the cat{% endif %}`
  writeFileSync(join(tokenizer, 'chat_template.jinja'), template)
  const flags = `--tokenizer-path ${tokenizer} --min-prompt-length 20 --max-prompt-length 20 -n 4`
  const extra = ['--extra-args', '{"chat_template_kwargs": {"long": true}}']
  for (const threads of [1, 2]) {
    const server = await startChatServer()
    const given = words(
      `perf --url ${server.url} --model m --dataset random ${flags} --num-workers ${threads} --sleep-interval 0`,
    )
    expect((await cli.run([...given, ...extra])).code).toBe(0)
    await server.close()
    const counts = server.measured().map(({ body }) => messagesOf(body)[0]?.content.split(' ').length)
    expect(counts).toEqual([14, 14, 14, 14])
  }
})

test('without --number a thread tokenizes, and the program ends when the run does', async () => {
  const { code, stderr, bodies } = await send('--parallel 2 --duration 0.5')
  expect(code).toBe(0)
  expect(stderr).toMatch(/--num-workers auto: \d thread.* also while requests are sent\n/)
  expect(stderr).not.toContain('tokenized during the run')
  expect(bodies.length).toBeGreaterThan(10)
})

test('images that are not all ready before the clock starts are unpacked by a thread', async () => {
  const path = join(cli.freshDirectory(), 'images.tar')
  writeTar(path, [
    { name: 'a.jpg', bytes: jpeg('a') },
    { name: 'a.txt', bytes: 'A dog runs.' },
  ])
  const server = await startChatServer()
  const ask = `perf --url ${server.url} --model m --dataset flickr8k --dataset-path ${path} --parallel 2 -n 65`
  const { code, stderr } = await cli.run(words(ask))
  await server.close()
  expect(code).toBe(0)
  expect(stderr).toMatch(/--num-workers auto: 1 thread makes prompts, also while requests are sent\n/)
  expect(new Set(server.measured().map(({ body }) => JSON.stringify(body))).size).toBe(1)
})

test('a thread that ends by itself is told in one line, exit code 70', async () => {
  const directory = cli.freshDirectory()
  const tokenizer = join(directory, 'tokenizer')
  cpSync(wordsTokenizerPath, tokenizer, { recursive: true })
  // Gone when the thread comes to load it: asked before the run, after the tokenizer was loaded here.
  const server = await startChatServer({
    instead: () => {
      rmSync(tokenizer, { recursive: true, force: true })
      return false
    },
  })
  const { code, stderr } = await cli.run(
    words(
      `perf --url ${server.url} --model m --dataset random --tokenizer-path ${tokenizer} --max-prompt-length 40 -n 5 --num-workers 2`,
    ),
  )
  await server.close()
  expect(code).toBe(70)
  expect(stderr).toMatch(/\nevalscope: prompt thread 1 ended: .+; --num-workers 1 does without threads\n$/)
})
