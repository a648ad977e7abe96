import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type ChatServerOptions, startChatServer } from '../support/chat-server.ts'
import { cleanEnvironment, createCli, filesIn } from '../support/cli.ts'

const cli = createCli()
const library = new URL('../../dist/index.js', import.meta.url).href

/** Runs a program of a user, who finds the server's address in `url` and gives an answer with `tell`. */
const program = async (options: ChatServerOptions, source: string) => {
  const server = await startChatServer(options)
  const directory = cli.freshDirectory()
  const path = join(directory, 'program.mjs')
  const head = `import * as evalscope from ${JSON.stringify(library)}
const { runPerfBenchmark, Arguments } = evalscope
const url = ${JSON.stringify(server.url)}
const tell = answer => process.stdout.write(JSON.stringify(answer))
`
  writeFileSync(path, head + source)
  const child = spawn(process.execPath, [path], { cwd: directory, env: cleanEnvironment(), stdio: 'pipe' })
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', text => {
    stdout += String(text)
  })
  child.stderr.on('data', text => {
    stderr += String(text)
  })
  const code = await new Promise(resolve => child.once('close', resolve))
  clearTimeout(timer)
  await server.close()
  return { code, stdout, stderr, answer: stdout.startsWith('{') ? JSON.parse(stdout) : undefined, server, directory }
}

describe.concurrent('as a library', () => {
  test('names of the original and our own do the same; results are keyed by run; it is silent', async () => {
    const { code, stderr, answer, server } = await program(
      { tokens: 4 },
      `const original = { parallel: [1, 2], number: [2, 4], model: 'm', url, api: 'openai', max_tokens: 9, top_k: 5,
         extra_args: { ignore_eos: true }, sleep_interval: 0, outputs_dir: 'a' }
       const own = { parallel: [1, 2], number: [2, 4], model: 'm', url, api: 'openai', maxTokens: 9, topK: 5,
         extraArgs: { ignore_eos: true }, sleepInterval: 0, outputsDir: 'b' }
       const [first, second] = [await runPerfBenchmark(original), await runPerfBenchmark(new Arguments(own))]
       tell({ first, second })`,
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const results of [answer.first, answer.second]) {
      expect(Object.keys(results)).toEqual(['parallel_1_number_2', 'parallel_2_number_4'])
      const run = results.parallel_2_number_4
      expect(run.metrics).toMatchObject({ 'Success Requests': 4, 'Avg Output Tokens': 4, 'Avg Input Tokens': 7 })
      expect(run.summary).toMatchObject({ succeededRequests: 4, meanOutputTokens: 4 })
      expect(run.metrics['Avg TTFT (ms)']).toBeCloseTo(run.summary.meanTtftMs, 5)
      expect(run.percentiles.rows.map((row: { series: string }) => row.series)).toContain('ttft')
    }
    const bodies = server.measured().map(({ body }) => JSON.stringify({ ...body, messages: [] }))
    expect(bodies).toHaveLength(12)
    expect(new Set(bodies).size).toBe(1)
    expect(JSON.parse(bodies[0] as string)).toMatchObject({ max_tokens: 9, top_k: 5, ignore_eos: true })
  })

  test('makes an earlier benchmark again, in a directory of its own', async () => {
    const { code, answer, server } = await program(
      {},
      `await runPerfBenchmark({ url, model: 'm', number: 4, max_tokens: [5, 50], outputs_dir: 'results' })
       const [time] = (await import('node:fs')).readdirSync('results')
       const results = await runPerfBenchmark({ from: 'results/' + time, parallel: 2 })
       tell({ runs: Object.keys(results) })`,
    )
    expect({ code, answer }).toEqual({ code: 0, answer: { runs: ['parallel_2_number_4'] } })
    const bodies = server.measured().map(({ body }) => JSON.stringify(body))
    expect(bodies.slice(4).toSorted()).toEqual(bodies.slice(0, 4).toSorted())
  })

  test('an AbortSignal stops it: requests under way are finished, results are given', async () => {
    const { code, answer, server, directory } = await program(
      { tokens: 5, tokenMs: 40 },
      `const controller = new AbortController()
       const say = line => line.startsWith('connection test') && setTimeout(() => controller.abort(), 2500)
       const task = { url, model: 'm', parallel: 3, number: 300 }
       const results = await runPerfBenchmark(task, { signal: controller.signal, say })
       tell(results.parallel_3_number_300.metrics)`,
    )
    expect(code).toBe(0)
    expect(answer).toMatchObject({ Interrupted: true, 'Failed Requests': 0, 'Cut Off Requests': 0 })
    expect(answer['Total Requests']).toBe(server.measured().length)
    expect(answer['Total Requests']).toBeLessThan(100)
    expect(filesIn(directory).filter(path => path.endsWith('performance_summary.txt'))).toHaveLength(1)
  })

  test('an AbortSignal before anything was measured rejects with its reason, and nothing keeps the program', async () => {
    const { code, answer } = await program(
      { instead: () => true },
      `const startedMs = Date.now()
       const task = { url, model: 'm', number: 3 }
       const error = await runPerfBenchmark(task, { signal: AbortSignal.timeout(300) }).catch(error => error)
       tell({ name: error.name })
       process.once('exit', () => { if (Date.now() - startedMs > 2500) process.exitCode = 9 })`,
    )
    expect(code).toBe(0)
    expect(answer.name).toBe('TimeoutError')
  })

  test('what it gives holds no key, so that a program may log it', async () => {
    const { stdout, server } = await program(
      {},
      `tell(await runPerfBenchmark({ url, model: 'm', number: 1, api_key: 's3cretkey', headers: { Cookie: 'c00kie' } }))`,
    )
    expect(server.seen[0]?.headers).toMatchObject({ authorization: 'Bearer s3cretkey', cookie: 'c00kie' })
    expect(stdout).toContain('chat/completions')
    expect(stdout).not.toMatch(/s3cretkey|c00kie/)
  })

  test('mistakes are errors of one line that a program can tell apart', async () => {
    const { answer } = await program(
      {},
      `const failures = []
       for (const task of [{ url, max_token: 3 }, { url, parallel: [1, 2], number: [1, 2, 3] },
         { url: 'http://127.0.0.1:1', model: 'm', connect_timeout: 0.05, number: 1 }]) {
         const error = await runPerfBenchmark(task).catch(error => error)
         failures.push([error.name, error instanceof evalscope.UserError, error.message.includes('\\n')])
       }
       tell({ failures })`,
    )
    expect(answer.failures).toEqual([
      ['ArgumentsError', true, false],
      ['ArgumentsError', true, false],
      ['TargetUnreachableError', true, false],
    ])
  })

  test('tables and lines go where the program wants them', async () => {
    const { answer } = await program(
      {},
      `const tables = [], lines = []
       const options = { print: text => tables.push(text), say: line => lines.push(line) }
       await runPerfBenchmark({ url, model: 'm', number: 2 }, options)
       tell({ tables, lines })`,
    )
    expect(answer.tables.join('')).toMatch(/Benchmarking summary:[\s\S]*Performance Test Summary Report/)
    expect(answer.lines.join('\n')).toMatch(/^seed \d+ drawn[\s\S]*connection test: answered/)
    expect(answer.lines.join('')).not.toContain('\u001b')
  })
})
