import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LoadShape, RunPlan } from '../../src/model/run-plan.ts'
import { explainLimits } from '../../src/run/load-limits.ts'
import type { MachineLimits } from '../../src/run/machine-limits.ts'
import { planFor } from '../support/ask.ts'

const roomy: MachineLimits = {
  platform: 'linux',
  openFiles: 1_048_576,
  openFilesInUse: 26,
  localPorts: { min: 32_768, max: 60_999 },
  closedPortReuse: 'loopback',
}
/** Leaves 1000 descriptors for connections. */
const narrow: MachineLimits = { ...roomy, openFiles: 1090 }
const unknown: MachineLimits = {
  platform: 'linux',
  openFiles: undefined,
  openFilesInUse: undefined,
  localPorts: undefined,
  closedPortReuse: undefined,
}

const plan = (load: LoadShape, change: Partial<RunPlan> = {}): RunPlan =>
  planFor('http://llm.example/v1/chat/completions', {
    name: 'the_run',
    number: 1_000_000,
    warmupNumber: 0,
    rampUpMs: 0,
    durationMs: undefined,
    graceMs: 0,
    load,
    ...change,
  })
const closed = (concurrency: number, change: Partial<RunPlan> = {}) => plan({ kind: 'closed', concurrency }, change)
const paced = (concurrency: number, ratePerSec: number, change: Partial<RunPlan> = {}) =>
  plan({ kind: 'closed', concurrency, pacing: { ratePerSec, arrival: 'poisson' } }, change)
const open = (ratePerSec: number, change: Partial<RunPlan> = {}) =>
  plan({ kind: 'open', pacing: { ratePerSec, arrival: 'poisson' } }, change)
const withoutKeepAlive = (of: RunPlan, url = of.target.url, proxyUrl?: string): RunPlan => ({
  ...of,
  target: { ...of.target, keepAlive: false, url, proxyUrl },
})

const filesRemedy = (limit: number): string =>
  `raise it with ulimit -n ${limit} (hard limit: limits.conf, LimitNOFILE=, docker --ulimit nofile=)`
const portsRemedy = 'widen them with sudo sysctl -w net.ipv4.ip_local_port_range="1024 65535"'

describe('nothing is said', () => {
  const ordinary = [
    ...[1, 100, 1000].map(concurrency => closed(concurrency, { number: 5000 })),
    ...[1, 50, 500].map(rate => open(rate, { number: 5000 })),
    paced(1000, 500, { number: 5000 }),
    open(500, { number: undefined, durationMs: 20_000 }),
  ]

  test('about an ordinary sweep on an ordinary machine, with or without keep-alive', () => {
    expect(explainLimits(ordinary, roomy)).toEqual([])
    expect(
      explainLimits(
        ordinary.map(run => withoutKeepAlive(run)),
        roomy,
      ),
    ).toEqual([])
  })

  test('where the machine tells nothing', () => {
    expect(explainLimits([...ordinary, closed(1_000_000), withoutKeepAlive(open(100_000))], unknown)).toEqual([])
  })

  test.each<[string, RunPlan]>([
    ['as many slots as there are descriptors', closed(1000)],
    ['more slots than requests', closed(50_000, { number: 1000 })],
    ['more slots than a paced loop fills in its time', paced(50_000, 10, { number: undefined, durationMs: 100_000 })],
    ['an open loop that needs answers of 30 s', open(33.3)],
    ['an open loop with too few requests', open(1000, { number: 1000 })],
    ['an open loop that is over before', open(1000, { durationMs: 1000 })],
  ])('about %s', (_, run) => {
    expect(explainLimits([run], narrow)).toEqual([])
  })
})

describe('descriptors', () => {
  test('a closed loop needs one for each slot, beside those in use and 64 of our own', () => {
    expect(explainLimits([closed(1001)], narrow)).toEqual([
      `the_run needs 1001 connections, 1 more than the open-file limit of 1090 leaves; ${filesRemedy(65_536)}`,
    ])
  })

  test('only the run that needs most is named', () => {
    const lines = explainLimits([closed(2000, { name: 'small' }), closed(9000, { name: 'large' })], narrow)
    expect(lines).toEqual([expect.stringMatching(/^large needs 9000 connections, 8000 more /)])
  })

  test('a run without a number needs all its slots, and a warm-up counts as well', () => {
    expect(explainLimits([closed(1500, { number: undefined, durationMs: 1000 })], narrow)).toHaveLength(1)
    expect(explainLimits([closed(1500, { number: 1, warmupNumber: 1500 })], narrow)).toHaveLength(1)
  })

  test.each([
    [20_000, 65_536],
    [65_446, 65_536],
    [65_447, 131_072],
    [5_000_000, 1_048_576],
  ])('for %i connections the command asks for %i', (connections, limit) => {
    const [line] = explainLimits([closed(connections, { number: undefined, durationMs: 1 })], narrow)
    expect(line).toContain(`ulimit -n ${limit} `)
  })

  test('of an open loop it is told at which answer time it meets the limit', () => {
    expect(explainLimits([open(80)], narrow)).toEqual([
      `--rate 80 meets the open-file limit of 1090 once answers take 13 s; ${filesRemedy(65_536)}`,
    ])
  })

  test('of several open loops the fastest of those that are long enough is named', () => {
    const sweep = [open(40), open(400), open(4000, { number: 1000 })]
    expect(explainLimits(sweep, narrow)).toEqual([expect.stringMatching(/^--rate 400 .* once answers take 2\.5 s;/)])
  })

  test('a limit below what we need ourselves leaves none', () => {
    const [line] = explainLimits([closed(3)], { ...narrow, openFiles: 50 })
    expect(line).toContain('the_run needs 3 connections, 3 more than the open-file limit of 50 leaves')
  })
})

describe('ports', () => {
  test('a closed loop needs one for each slot, through a proxy too', () => {
    const run = closed(30_000)
    const line = `the_run needs 30000 connections, 1768 more than the 28232 local ports; ${portsRemedy}`
    expect(explainLimits([run], roomy)).toEqual([line])
    const proxied = { ...run, target: { ...run.target, proxyUrl: 'http://proxy.example:3128' } }
    expect(explainLimits([proxied], roomy)).toEqual([line])
  })

  test('an open loop uses them up at some answer time', () => {
    expect(explainLimits([open(1500)], roomy)).toEqual([
      `--rate 1500 uses up the 28232 local ports once answers take 19 s; ${portsRemedy}`,
    ])
  })

  test('macOS is told its own command', () => {
    const limits: MachineLimits = { ...roomy, platform: 'darwin', localPorts: { min: 49_152, max: 65_535 } }
    const [line] = explainLimits([closed(20_000)], limits)
    expect(line).toMatch(
      /3616 more than the 16384 local ports; .* sudo sysctl -w net\.inet\.ip\.portrange\.first=1024$/,
    )
  })

  test('no command helps beyond the ports there are', () => {
    const [line] = explainLimits([closed(70_000)], roomy)
    expect(line).toMatch(/"1024 65535", and use several machines$/)
    const [widest] = explainLimits([closed(70_000)], { ...roomy, localPorts: { min: 1024, max: 65_535 } })
    expect(widest).toMatch(/5488 more than the 64512 local ports; spread the load over several machines$/)
  })
})

describe('ports of closed connections', () => {
  const line = `--no-keepalive at --rate 600 may hold 36000 local ports (60 s each), 7768 too many; leave it out or ${portsRemedy}`

  test.each([
    ['an open loop', open(600)],
    ['a paced closed loop', paced(50, 600)],
  ])('%s without keep-alive holds them for a minute', (_, run) => {
    expect(explainLimits([withoutKeepAlive(run)], roomy)).toEqual([line])
    expect(explainLimits([run], roomy)).toEqual([])
  })

  test('no more than there are requests', () => {
    expect(explainLimits([withoutKeepAlive(open(600, { number: 28_232 }))], roomy)).toEqual([])
    expect(explainLimits([withoutKeepAlive(open(600, { number: 28_233 }))], roomy)).toHaveLength(1)
  })

  test.each([
    ['http://127.0.0.1:8000/v1', undefined, 'loopback', 0],
    ['http://localhost:8000/v1', undefined, 'loopback', 0],
    ['http://[::1]:8000/v1', undefined, 'loopback', 0],
    ['http://127.example/v1', undefined, 'loopback', 1],
    ['http://127.0.0.1:8000/v1', undefined, 'none', 1],
    ['http://llm.example/v1', undefined, 'all', 0],
    ['http://llm.example/v1', 'http://127.0.0.1:3128', 'loopback', 0],
    ['http://127.0.0.1:8000/v1', 'http://proxy.example:3128', 'loopback', 1],
  ] as const)('to %s by way of %s, with reuse for %s, %i lines are said', (url, proxyUrl, closedPortReuse, count) => {
    const run = withoutKeepAlive(open(600), url, proxyUrl)
    expect(explainLimits([run], { ...roomy, closedPortReuse })).toHaveLength(count)
  })

  test('macOS holds them for half a minute', () => {
    const limits: MachineLimits = { ...roomy, platform: 'darwin', closedPortReuse: undefined }
    expect(explainLimits([withoutKeepAlive(open(600))], limits)).toEqual([])
  })
})

test('raising a limit never adds a line, and no line is long', () => {
  const anyRun = fc
    .record({
      kind: fc.constantFrom('closed', 'paced', 'open'),
      concurrency: fc.integer({ min: 1, max: 99_999 }),
      ratePerSec: fc.double({ min: 0.1, max: 99_999, noNaN: true }),
      number: fc.option(fc.integer({ min: 1, max: 1_000_000 }), { nil: undefined }),
      durationMs: fc.option(fc.integer({ min: 1, max: 3_600_000 }), { nil: undefined }),
      keepAlive: fc.boolean(),
    })
    .map(({ kind, concurrency, ratePerSec, number, durationMs, keepAlive }) => {
      const change = { name: `parallel_${concurrency}_number_${number}`, number, durationMs }
      const run =
        kind === 'open'
          ? open(ratePerSec, change)
          : kind === 'paced'
            ? paced(concurrency, ratePerSec, change)
            : closed(concurrency, change)
      return keepAlive ? run : withoutKeepAlive(run)
    })
  const anyLimits = fc.record({
    openFiles: fc.integer({ min: 256, max: 100_000 }),
    ports: fc.integer({ min: 1, max: 64_000 }),
    more: fc.integer({ min: 0, max: 500 }),
  })
  fc.assert(
    fc.property(fc.array(anyRun, { minLength: 1, maxLength: 5 }), anyLimits, (runs, { openFiles, ports, more }) => {
      const at = (added: number): readonly string[] =>
        explainLimits(runs, {
          ...roomy,
          openFiles: openFiles + added,
          localPorts: { min: 1024, max: 1023 + ports + added },
        })
      const lines = at(0)
      expect(at(more).length).toBeLessThanOrEqual(lines.length)
      expect(Math.max(0, ...lines.map(line => line.length))).toBeLessThanOrEqual(210)
      expect(lines.join()).not.toMatch(/NaN|Infinity|e\+/)
    }),
  )
})
