import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { joinSignals } from '../../src/net/join-signals.ts'

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

test('it fires with the first of its signals, with its reason', () => {
  const [one, two] = [new AbortController(), new AbortController()]
  const { signal } = joinSignals([one.signal, two.signal])
  expect(signal.aborted).toBe(false)
  two.abort('enough')
  one.abort('late')
  expect(signal.reason).toBe('enough')
  expect(joinSignals([two.signal]).signal.reason).toBe('enough')
})

test('it fires after its limit, whatever the garbage collector does meanwhile', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  let reason: unknown
  joinSignals([new AbortController().signal], 60).signal.addEventListener('abort', event => {
    reason = (event.target as AbortSignal).reason
  })
  for (let round = 0; round < 20 && reason === undefined; round++) {
    await pause(10)
    collect()
  }
  expect(reason).toMatchObject({ name: 'TimeoutError' })
})

test('once released it follows nobody', async () => {
  const one = new AbortController()
  const { signal, release } = joinSignals([one.signal], 20)
  release()
  one.abort()
  await pause(40)
  expect(signal.aborted).toBe(false)
})
