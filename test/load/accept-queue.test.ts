import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { planFor } from '../support/ask.ts'
import { load } from '../support/load.ts'

const busyServer = fileURLToPath(new URL('../fixtures/busy-server.cjs', import.meta.url))

// How full a queue is when a SYN is dropped is the kernel's affair.
test.runIf(process.platform === 'linux')(
  'a full accept queue shows as connect time, and TTFT includes it',
  async () => {
    const child = fork(busyServer, ['800'], { execArgv: [] })
    const [port] = (await once(child, 'message')) as [number]
    const shape = { kind: 'open', pacing: { ratePerSec: 40, arrival: 'constant' } } as const
    // The server stops accepting 20 ms after it has told its port.
    await new Promise(resolve => setTimeout(resolve, 100))
    const { records } = await load(planFor(`http://127.0.0.1:${port}/v1/chat/completions`, { number: 8, load: shape }))
    child.kill()
    expect(records.filter(({ failure }) => failure !== undefined)).toEqual([])
    const connectsUs = records.map(({ connectUs }) => connectUs as number)
    // All are sent within 200 ms; those beyond the queue are tried again by the kernel after 1 s.
    expect(connectsUs.filter(us => us > 900_000).length).toBeGreaterThanOrEqual(4)
    for (const { connectUs, ttftUs, sentUs, scheduledUs } of records) {
      expect(ttftUs).toBeGreaterThan(connectUs as number)
      expect(sentUs - scheduledUs).toBeLessThan(100_000)
    }
  },
)
