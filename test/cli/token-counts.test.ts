import { describe, expect, test } from 'vitest'
import { createCli, fileOf, jsonOf, words } from '../support/cli.ts'
import { chatChunk, done, event, httpChunk, lastChunk, startRawServer, streamHead } from '../support/raw-server.ts'
import { query, resultRows } from '../support/rows.ts'
import { bytesTokenizerPath, wordsTokenizerPath } from '../tokenizers/paths.ts'

const cli = createCli()
const run = 'parallel_2_number_6'

/** Answers "sees the dog" after thinking "the cat", in three chunks, with `usage` if there is one. */
const startServer = (usage?: object, text = ' dog') => {
  const chunks = [{ reasoning_content: 'the cat' }, { content: 'sees the' }, { content: text }]
  const events = [
    ...chunks.map(delta => event(chatChunk(delta))),
    event(chatChunk({}, 'stop')),
    ...(usage === undefined ? [] : [event({ choices: [], usage })]),
    done,
  ]
  return startRawServer(socket => void socket.write(streamHead + httpChunk(events.join('')) + lastChunk))
}

const perf = (url: string, line = ''): string[] => [
  ...words(`perf --url ${url} --model m --parallel 2 -n 6 --no-test-connection ${line}`),
  '--prompt',
  'the old cat',
]
const tokenizer = `--tokenizer-path ${wordsTokenizerPath}`

describe.concurrent('where the server sends no usage', () => {
  test.each(['', '--workers 2 --save-responses none'])('the tokenizer counts after the run (%s)', async more => {
    const server = await startServer()
    const { code, stdout, stderr, directory } = await cli.run(perf(server.url, `${tokenizer} ${more}`))
    await server.close()
    expect(code).toBe(0)
    expect(stderr).toContain(`${run}: counting the tokens of 6 requests that the server did not count`)
    expect(jsonOf(directory, run, 'benchmark_summary.json')).toMatchObject({
      // Begin, <|user|>, the text, end, <|assistant|>.
      'Avg Input Tokens': 7,
      'Avg Output Tokens': 5,
      'Token Sources': { usage: 0, tokenizer: 6, chunks: 0, none: 0 },
      'Chat Template': { Requests: 6, 'Avg Prompt Tokens': 7, 'Avg Text Tokens': 3 },
    })
    const rows = resultRows(fileOf(directory, run, 'benchmark_data.db'))
    const counts = rows.map(row => [row.prompt_tokens, row.completion_tokens, row.token_source])
    expect(counts).toEqual(rows.map(() => [7, 5, 'tokenizer']))
    expect(stdout).toMatch(/│ Counted by Tokenizer +│ +6 \(100%\) │/)
    expect(stdout).toContain('The chat template adds 4 of 7 prompt tokens (57.1%).')
    expect(stdout).not.toContain('Usage against tokenizer')
  })

  test.each([
    ['', 'use a server that sends usage'],
    [
      `--extra-args {"stream_options":null}`,
      `ask for usage with --extra-args '{"stream_options": {"include_usage": true}}'`,
    ],
  ])('and there is no tokenizer, chunks are counted and one note says what to do (%s)', async (more, remedy) => {
    const server = await startServer()
    const { code, stdout, directory } = await cli.run(perf(server.url, more))
    await server.close()
    expect(code).toBe(0)
    expect(jsonOf(directory, run, 'benchmark_summary.json')).toMatchObject({
      'Avg Input Tokens': null,
      'Total Throughput (tok/s)': null,
      'Token Sources': { chunks: 6 },
    })
    expect(stdout).toContain(
      `Output tokens of 6 of 6 successful requests are chunks, not tokens, and their prompts are not counted: give --tokenizer-path, or ${remedy}.`,
    )
  })

  test('a signal ends the counting, and the rest is shown as it is', async () => {
    // Each takes a second.
    const server = await startServer(undefined, ' hello world'.repeat(100_000))
    const running = cli.start(perf(server.url, `--tokenizer-path ${bytesTokenizerPath} --save-responses none`))
    await running.until(/counting the tokens/)
    const sentMs = performance.now()
    running.child.kill('SIGINT')
    const { code, stdout, stderr, directory } = await running.finished
    expect(performance.now() - sentMs).toBeLessThan(2500)
    await server.close()
    expect(code).toBe(130)
    expect(stderr).toMatch(/[3-6] of 6 requests are not counted: counting was ended/)
    expect(stdout).toMatch(/are chunks, not tokens, and their prompts are not counted: counting was ended\./)
    expect(stdout).toContain('6 / 6 / 0')
    // The run itself had come to its end.
    const summary = jsonOf(directory, run, 'benchmark_summary.json')
    expect(summary).toMatchObject({ Interrupted: false, 'Success Requests': 6 })
    const { chunks } = summary['Token Sources'] as Record<string, number>
    const database = fileOf(directory, run, 'benchmark_data.db')
    expect(query(database, "SELECT count(*) AS n FROM result WHERE token_source = 'chunks'")).toEqual([{ n: chunks }])
  })
})

describe.concurrent('where the server sends usage and there is a tokenizer', () => {
  test('they are compared: a system prompt of its own, and answers that agree', async () => {
    const server = await startServer({ prompt_tokens: 28, completion_tokens: 5 })
    const { code, stdout, stderr, directory } = await cli.run(perf(server.url, tokenizer))
    await server.close()
    expect(code).toBe(0)
    expect(stderr).not.toContain('counting')
    expect(jsonOf(directory, run, 'benchmark_summary.json')).toMatchObject({
      'Avg Input Tokens': 28,
      'Token Sources': { usage: 6 },
      'Usage vs Tokenizer': {
        Input: { Requests: 6, 'Avg Usage': 28, 'Avg Tokenizer': 7, 'Difference (%)': 300, 'Constant Difference': 21 },
        Output: { Requests: 6, 'Difference (%)': 0, 'Worst Request': null },
      },
    })
    expect(stdout).toMatch(/Usage against tokenizer:\n.*\n.*\n.*\n│ Input +│ +6 │ +28 │ +7 │ +300 │ +300 │ +\w+-\d-1 │/)
    expect(stdout).toContain('The server counts 21 input tokens more than the tokenizer in each of 6 requests compared')
    expect(stdout).not.toMatch(/Counted (by|as)/)
  })

  test('what it sends in place of counts is told, by a run and by its report', async () => {
    const server = await startServer({ prompt_tokens: '28', completion_tokens: -5 })
    const { stdout, directory } = await cli.run(perf(server.url, '--workers 2'))
    await server.close()
    const note = `The server's usage holds what is no count: prompt_tokens "28".`
    expect(stdout).toContain(`  • ${note}\n  • Output tokens of 6 of 6 successful requests are chunks, not tokens`)
    const again = await cli.run(['report', 'outputs', '--no-write'], { directory })
    expect(again.stdout).toContain(note)
  })

  test('its zeros are no counts: the tokenizer counts', async () => {
    const server = await startServer({ prompt_tokens: 0, completion_tokens: 0 })
    const { directory } = await cli.run(perf(server.url, tokenizer))
    await server.close()
    const summary = jsonOf(directory, run, 'benchmark_summary.json')
    expect(summary).toMatchObject({ 'Avg Input Tokens': 7, 'Avg Output Tokens': 5, 'Token Sources': { tokenizer: 6 } })
    expect(summary['Usage vs Tokenizer']).toBeUndefined()
  })
})
