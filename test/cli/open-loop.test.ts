import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { bin, createCli, jsonOf, words } from '../support/cli.ts'
import { pause } from '../support/raw-server.ts'
import { waitUntil } from '../support/wait.ts'

const cli = createCli()

type Levels = readonly Readonly<Record<string, string | number>>[]

/** The simulated server in a process of its own, which a test may stop for a while. */
const serve = async () => {
  const child = spawn(process.execPath, [bin, 'serve', '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (said += text))
  for (;;) {
    const url = /http:\/\/[\d.]+:\d+/.exec(said)?.[0]
    if (url !== undefined) return { child, url }
    await once(child.stdout, 'data')
  }
}

/** How many answers the server has ended. */
const answered = async (url: string): Promise<number> => {
  const counts = (await (await fetch(`${url}/metrics`)).text()).matchAll(/request_success_total\{.*\} (\d+)/g)
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
}

test('a server that freezes for 2 s shows in p99 from the schedule, and the report names what sending would hide', async () => {
  const { child, url } = await serve()
  const running = cli.start(words(`perf --url ${url} --open-loop --rate 40 --number 120 --seed 1 --max-tokens 4`))
  await running.until(/connection test: answered/)
  // The load has begun: the connection test was one answer.
  await waitUntil(async () => (await answered(url)) >= 10)
  child.kill('SIGSTOP')
  await pause(2000)
  child.kill('SIGCONT')
  const { code, stdout, directory } = await running.finished
  child.kill()
  expect(code).toBe(0)
  const levels = jsonOf(directory, 'rate_40.0_number_120', 'benchmark_percentile.json') as unknown as Levels
  const p99 = levels.find(({ Percentiles }) => Percentiles === '99%')
  expect(p99?.['Sched. Latency (s)']).toBeGreaterThan(1.8)
  expect(p99?.['Sched. Latency (s)']).toBeLessThan(3)
  expect(stdout).toMatch(
    /Latency is the same from the schedule and from sending .*which hides nothing|Counted from the schedule, p50/,
  )
})
