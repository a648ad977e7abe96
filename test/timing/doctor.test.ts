import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { nowMs } from '../../src/load/clock.ts'
import { spawnSimulatedServer } from '../../src/server/spawn.ts'
import { planFor } from '../support/ask.ts'
import { createCli } from '../support/cli.ts'
import { load } from '../support/load.ts'

const { run, start, freshDirectory } = createCli()

const streams = 10

interface Truth {
  readonly receivedMs: number
  readonly writtenMs: readonly number[]
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number

/**
 * What TTFT is beyond the time from the sender's receipt of a request to its first write, in a run of this process
 * against an engine like the doctor's.
 */
const addedBySenderMs = async (): Promise<number> => {
  const knobs = { prefillBaseMs: 50, itlMs: 20, prefillTokensPerSec: Infinity, batchScale: Infinity, desync: true }
  const server = await spawnSimulatedServer({ knobs: { ...knobs, outputTokens: 6 } })
  const shape = { load: { kind: 'closed', concurrency: streams }, rampUpMs: 100, number: 120 } as const
  const { records } = await load(planFor(`${server.url}/v1/chat/completions`, shape))
  // The first ones meet cold code.
  const added = records.slice(4 * streams).map(async ({ requestId, ttftUs }) => {
    const { receivedMs, writtenMs } = (await (await fetch(`${server.url}/truth/${requestId}`)).json()) as Truth
    return (ttftUs as number) / 1000 - ((writtenMs[0] as number) - receivedMs)
  })
  const addedMs = median(await Promise.all(added))
  await server.close()
  return addedMs
}

/** What is read of the document of `--json`. */
interface Document {
  readonly ladders: readonly { readonly rungs: readonly Rung[] }[]
}

interface Rung {
  readonly result: string
  readonly added_ttft_ms: { readonly p50: number }
}

/** The added TTFT that a quick examination prints for these streams; undefined where the server was the limit. */
const addedByDoctorMs = async (): Promise<number | undefined> => {
  const { stdout, stderr } = await run(['doctor', '--quick', '--json'])
  expect(stderr).toBe('examining this machine: some 5 s\n')
  const [rung] = (JSON.parse(stdout) as Document).ladders[0]?.rungs ?? []
  expect(rung).toMatchObject({ streams })
  return rung?.added_ttft_ms?.p50
}

test('the TTFT that the doctor says is added agrees with the stamps of the sender', async () => {
  const apart: number[] = []
  // On a machine that is busy with something else, rightly, the server may be the limit, or two runs differ.
  for (let tries = 0; tries < 3 && !apart.some(share => share < 1); tries++) {
    const [doctorMs, senderMs] = [await addedByDoctorMs(), await addedBySenderMs()]
    expect(senderMs).toBeGreaterThan(0)
    if (doctorMs !== undefined) apart.push(Math.abs(doctorMs - senderMs) / Math.max(0.3, 0.2 * senderMs))
  }
  expect(Math.min(...apart)).toBeLessThan(1)
})

test('Ctrl-C ends the doctor at once, and it leaves nothing behind', async () => {
  const temporary = freshDirectory()
  const doctor = start(['doctor'], { env: { TMPDIR: temporary } })
  await doctor.until(/examining this machine/)
  await new Promise(resolve => setTimeout(resolve, 700))
  expect(readdirSync(temporary)).toEqual([expect.stringMatching(/^evalscope-doctor-/)])
  const startMs = nowMs()
  doctor.child.kill('SIGINT')
  const { code, stdout, stderr } = await doctor.finished
  expect(nowMs() - startMs).toBeLessThan(1000)
  expect(code).toBe(130)
  expect(stdout).toBe('')
  expect(stderr).toContain('stopped before the end')
  expect(readdirSync(temporary)).toEqual([])
})
