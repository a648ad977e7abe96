import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { ArgumentsError } from '../../src/errors.ts'
import { spawnSimulatedServer } from '../../src/server/spawn.ts'
import { ask, eventually, fastKnobs, summaryOf } from './client.ts'

const spawnUrl = new URL('../../dist/server/spawn.js', import.meta.url).href
const body = { model: 'm', prompt: 'hi', max_tokens: 2 }
const parents: ChildProcess[] = []
afterEach(() => {
  for (const parent of parents.splice(0)) parent.kill('SIGKILL')
})

const answers = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/v1/models`)).ok
  } catch {
    return false
  }
}

/** A process that has started a simulated server of its own, in a process group of its own, like one of a terminal. */
const startParent = async (first: string): Promise<{ readonly parent: ChildProcess; readonly url: string }> => {
  const script = `
    import { spawnSimulatedServer } from ${JSON.stringify(spawnUrl)}
    ${first}
    const server = await spawnSimulatedServer()
    console.log(server.url)`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  parents.push(parent)
  const url = await new Promise<string>((resolve, reject) => {
    parent.once('exit', code => reject(new Error(`the parent ended with ${code}`)))
    parent.stdout?.once('data', line => resolve(line.toString().trim()))
  })
  return { parent, url }
}

const stayAlive = 'setInterval(() => {}, 1000)'
const exitOf = (child: ChildProcess): Promise<unknown> => new Promise(resolve => child.once('exit', resolve))

test('a spawned server answers with its knobs, infinite ones too, and is gone when closed', async () => {
  const server = await spawnSimulatedServer({ knobs: { ...fastKnobs, modelId: 'mine' } })
  expect(await (await fetch(`${server.url}/v1/models`)).json()).toMatchObject({ data: [{ id: 'mine' }] })
  expect((await ask(server, '/v1/completions', body)).json.usage.completion_tokens).toBe(2)
  const startMs = performance.now()
  await server.close()
  expect(performance.now() - startMs).toBeLessThan(2000)
  expect(await answers(server.url)).toBe(false)
  // Once more is no mistake.
  await server.close()
})

test('closing does not wait for what is in flight', async () => {
  const server = await spawnSimulatedServer({ knobs: { prefillBaseMs: 60_000 } })
  const broken = ask(server, '/v1/completions', body).catch(error => error)
  await eventually(async () => (await summaryOf(server)).inFlight === 1)
  const startMs = performance.now()
  await server.close()
  expect(performance.now() - startMs).toBeLessThan(2000)
  expect(await broken).toBeInstanceOf(Error)
})

test('impossible options are the mistake of the user, in one line', async () => {
  await expect(spawnSimulatedServer({ knobs: { itlMs: -1 } })).rejects.toThrow(
    new ArgumentsError('--itl must be a time above 0 ms, got -1'),
  )
  const empty = mkdtempSync(join(tmpdir(), 'evalscope-'))
  await expect(spawnSimulatedServer({ tokenizerPath: empty })).rejects.toThrow(ArgumentsError)
  rmSync(empty, { recursive: true })
})

test('a port in use is an error, not a hang', async () => {
  const first = await spawnSimulatedServer()
  await expect(spawnSimulatedServer({ port: Number(new URL(first.url).port) })).rejects.toThrow('EADDRINUSE')
  await first.close()
})

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s to the whole group does not end the server', async signal => {
  const { parent, url } = await startParent(`process.on('${signal}', () => console.log('signalled')); ${stayAlive}`)
  const signalled = new Promise(resolve => parent.stdout?.once('data', resolve))
  process.kill(-(parent.pid ?? 0), signal)
  await signalled
  // The parent has handled the signal, so the child has had it as well; a default handler would have ended it.
  for (let asked = 0; asked < 5; asked++) {
    expect(await answers(url)).toBe(true)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
})

test('the server leaves when its parent is killed', async () => {
  const { parent, url } = await startParent(stayAlive)
  expect(await answers(url)).toBe(true)
  parent.kill('SIGKILL')
  await eventually(async () => !(await answers(url)))
})

test('a parent that forgets to close can still end, and takes the server along', async () => {
  const { parent, url } = await startParent('')
  if (parent.exitCode === null) await exitOf(parent)
  expect(parent.exitCode).toBe(0)
  await eventually(async () => !(await answers(url)))
})
