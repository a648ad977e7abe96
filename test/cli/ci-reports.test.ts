import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { refuse, startChatServer } from '../support/chat-server.ts'
import { createCli, words } from '../support/cli.ts'
import { waitUntil } from '../support/wait.ts'
import { parseXml } from '../support/xml.ts'

const cli = createCli()

test.concurrent('all places at once, and --json on stdout stays clean; evalscope report writes the same', async () => {
  const server = await startChatServer({
    models: ['m'],
    instead: ({ number }, response) => number % 5 === 4 && refuse(response, 500, 'no | <b>room</b> \u0001 @all'),
  })
  const directory = cli.freshDirectory()
  const summary = join(directory, 'summary.md')
  writeFileSync(summary, 'before\n')
  const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary }
  const line = `perf --url ${server.url} --number 10 --no-timestamp --json --junit ci.xml --markdown ci.md --github`
  const { code, stdout, stderr } = await cli.run(words(line), { directory, env })
  await server.close()
  expect(code).toBe(0)
  expect(Object.keys((JSON.parse(stdout) as { runs: object }).runs)).toEqual(['parallel_1_number_10'])
  expect(stdout).not.toContain('::')
  expect(stderr).toMatch(
    /^::warning title=evalscope perf%3A parallel_1_number_10%3A verdict::INVALID: requests failed/m,
  )
  const [junit, markdown] = ['ci.xml', 'ci.md'].map(name => readFileSync(join(directory, name), 'utf8')) as [
    string,
    string,
  ]
  expect(parseXml(junit).attributes).toMatchObject({ tests: '3', failures: '0', errors: '0' })
  expect(junit).toContain('8 of 10 requests succeeded (80%)')
  expect(markdown).toContain('2 × http_5xx, status 500: `HTTP 500: no | <b>room</b> @all`')
  expect(readFileSync(summary, 'utf8')).toBe(`before\n\n\n${markdown}`)

  const again = await cli.run(words('report outputs/m --no-write --junit again.xml --markdown again.md'), { directory })
  expect(again.code).toBe(0)
  expect(readFileSync(join(directory, 'again.xml'), 'utf8')).toBe(junit)
  expect(readFileSync(join(directory, 'again.md'), 'utf8')).toBe(markdown)
})

test.concurrent('after Ctrl-C the files tell what there is, and that it was interrupted', async () => {
  const server = await startChatServer({ models: ['m'], tokens: 4, tokenMs: 20 })
  const running = cli.start(words(`perf --url ${server.url} --parallel 2 -n 400 --junit ci.xml`))
  await waitUntil(() => server.measured().length >= 9)
  running.child.kill('SIGINT')
  const { code, directory } = await running.finished
  await server.close()
  expect(code).toBe(130)
  const root = parseXml(readFileSync(join(directory, 'ci.xml'), 'utf8'))
  expect(root.children.map(({ attributes }) => attributes.name)).toEqual(['parallel_2_number_400', 'benchmark'])
  expect(root.children[1]?.children[0]?.children[0]?.attributes.message).toBe('interrupted: 0 of 1 run came to the end')
})

test.concurrent('a directory that is not there is one line, and the server is left alone', async () => {
  const server = await startChatServer({ models: ['m'] })
  const { code, stdout, stderr } = await cli.run(words(`perf --url ${server.url} -n 1 --markdown ci/perf.md`))
  const report = await cli.run(words('report outputs --junit ci/perf.xml'))
  await server.close()
  expect(stderr).toBe(
    'evalscope: cannot write --markdown ci/perf.md: there is no directory ci; give --markdown another file\n',
  )
  expect(report.stderr).toMatch(/^evalscope: cannot write --junit ci\/perf\.xml: there is no directory ci; .*\n$/)
  expect([code, report.code, stdout]).toEqual([2, 2, ''])
  expect([...server.seen, ...server.asked]).toEqual([])
})
