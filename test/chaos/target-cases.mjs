import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { fileURLToPath } from 'node:url'
import { startChaosServer } from './chaos-server.mjs'
import { harmTo, kindOf, patience, tally, wrongWith } from './judge.mjs'
import { everyMs, pause } from './pieces.mjs'
import { runCli } from './run-cli.mjs'

// What may be wrong with a target as a whole. Each case runs by itself and says what it found.

const limits = [
  '--connect-timeout',
  String(patience),
  '--read-timeout',
  '1.5',
  '--total-timeout',
  '4',
  '--sleep-interval',
  '0',
]
const untested = ['--no-test-connection', ...limits]
const prompts = count => Array.from({ length: count }, (_, index) => `good ${index}`)

/** What a run against a target came to. `kinds` are those that rows may have, `says` what must be told. */
const judged = (run, { codes, kinds, says = /^/, withinSec = 12, unharmed = false }) => {
  const { rows, tookSec, peakMb, stderr, stdout } = run
  const strange = rows.filter(row => !kinds.includes(kindOf(row)))
  const good = rows.filter(row => kindOf(row) === 'ok')
  const problems = [
    ...wrongWith(run, codes),
    ...(tookSec > withinSec * patience ? [`it took ${tookSec.toFixed(1)} s`] : []),
    ...strange.map(row => `${kindOf(row)}: ${row.error}`),
    ...(unharmed ? good.map(harmTo).filter(problem => problem !== undefined) : []),
    ...(says.test(stderr) ? [] : [`it does not say ${String(says)}: ${stderr.slice(-300)}`]),
    ...(rows.length === 0 || stdout.includes('Benchmarking summary') ? [] : ['no report']),
  ]
  const others = good.length === 0 ? '—' : `${good.length} of ${rows.length}`
  const found =
    rows.length === 0 ? `exit ${run.code}` : `${tally(rows.filter(row => kindOf(row) !== 'ok'))}, exit ${run.code}`
  return { found, others, tookSec, peakMb, problems }
}

/** A port on which nobody listens. */
const closedPort = async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

const withServer = async (options, use) => {
  const server = await startChaosServer(options)
  try {
    return await use(server)
  } finally {
    await server.close()
  }
}

const url = (port, host = '127.0.0.1') => ['--url', `http://${host}:${port}`]

const hasIpv6 = () => Object.values(networkInterfaces()).some(list => list?.some(({ address }) => address === '::1'))

/** Goes away for good once it was asked so many times. */
const dying = (server, requests) => {
  const timer = setInterval(() => {
    if (server.counts.requests < requests) return
    clearInterval(timer)
    server.die()
  }, 5)
}

export const targetCases = [
  {
    name: 'nobody listens, at the connection test',
    run: async () =>
      judged(await runCli(prompts(4), [...url(await closedPort()), ...limits]), {
        codes: [3],
        kinds: [],
        says: /ECONNREFUSED.*; check --url/,
      }),
  },
  {
    name: 'nobody listens',
    run: async () =>
      judged(await runCli(prompts(20), [...url(await closedPort()), '--parallel', '4', ...untested]), {
        codes: [1],
        kinds: ['connect'],
      }),
  },
  {
    name: 'a host name that does not exist',
    run: async () =>
      judged(await runCli(prompts(8), [...url(1, 'no-such-host.invalid'), '--parallel', '2', ...untested]), {
        codes: [1],
        kinds: ['connect', 'timeout_connect'],
      }),
  },
  {
    name: 'silent at the connection test',
    run: () =>
      withServer({ accept: () => undefined }, async ({ port }) =>
        judged(await runCli(prompts(4), [...url(port), ...limits]), {
          codes: [3],
          kinds: [],
          says: /the server is silent/,
        }),
      ),
  },
  {
    name: 'silent when asked for its models',
    run: () =>
      withServer({ accept: () => undefined }, async ({ port }) =>
        judged(await runCli(prompts(4), [...url(port), ...limits], {}, null), {
          codes: [3],
          kinds: [],
          says: /the server is silent/,
        }),
      ),
  },
  {
    name: 'a connection test that never ends',
    run: () =>
      withServer(
        {
          accept: socket =>
            socket.once('data', () => {
              socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n')
              everyMs(socket, 100, () => ': ping\n\n')
            }),
        },
        async ({ port }) =>
          judged(await runCli(prompts(4), [...url(port), ...limits]), {
            codes: [3],
            kinds: [],
            says: /--total-timeout/,
          }),
      ),
  },
  {
    name: 'IPv6',
    isPossible: hasIpv6,
    run: () =>
      withServer({ host: '::1' }, async ({ port }) =>
        judged(await runCli(prompts(8), [...url(port, '[::1]'), '--parallel', '2', ...untested]), {
          codes: [0],
          kinds: ['ok'],
          unharmed: true,
        }),
      ),
  },
  {
    name: 'localhost, where only IPv4 listens',
    run: () =>
      withServer({}, async ({ port }) =>
        judged(await runCli(prompts(8), [...url(port, 'localhost'), '--parallel', '2', ...untested]), {
          codes: [0],
          kinds: ['ok'],
          unharmed: true,
        }),
      ),
  },
  {
    name: 'slow to accept',
    isPossible: () => process.platform === 'linux',
    run: async () => {
      const child = fork(fileURLToPath(new URL('../fixtures/busy-server.cjs', import.meta.url)), ['800'], {
        execArgv: [],
      })
      try {
        const [port] = await once(child, 'message')
        await pause(100)
        const flags = [...url(port), '--parallel', '8', '--no-keepalive', ...untested, '--connect-timeout', '5']
        return judged(await runCli(prompts(8), flags), { codes: [0], kinds: ['ok'] })
      } finally {
        child.kill()
      }
    },
  },
  {
    name: 'a proxy that never opens its tunnel',
    run: () =>
      withServer({ accept: () => undefined }, async ({ port }) =>
        judged(
          await runCli(prompts(4), ['--url', 'https://model.invalid', '--parallel', '2', ...untested], {
            HTTPS_PROXY: `http://127.0.0.1:${port}`,
          }),
          { codes: [1], kinds: ['timeout_connect'] },
        ),
      ),
  },
  {
    name: 'gone in the middle of a run',
    run: () =>
      withServer({}, async server => {
        dying(server, 8)
        const flags = [...url(server.port), '--parallel', '4', ...untested]
        return judged(await runCli(prompts(40), flags), {
          codes: [0],
          kinds: ['ok', 'truncated', 'connect'],
          unharmed: true,
        })
      }),
  },
  ...['--parallel 4', '--parallel 4 --workers 2', '--open-loop --rate 20', '--parallel 4 --rate 20'].map(load => ({
    name: `gone for good: ${load}`,
    isLong: true,
    run: () =>
      withServer({}, async server => {
        dying(server, 8)
        const flags = [...url(server.port), ...load.split(' '), ...untested]
        return judged(await runCli(prompts(2000), flags), {
          codes: [3],
          kinds: ['ok', 'truncated', 'connect', 'aborted'],
          says: /the server refused \d+ connections over 3\d s .*the run was ended/,
          withinSec: 45,
          unharmed: true,
        })
      }),
  })),
]
