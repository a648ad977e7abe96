import { expect, test } from 'vitest'
import { Stopped, unlessStopped } from '../../src/run/host.ts'

const signals = () => {
  const draining = new AbortController()
  return { stop: { draining: draining.signal, cutting: new AbortController().signal }, drain: () => draining.abort() }
}

test('work is given up as soon as the run is to end', async () => {
  const { stop, drain } = signals()
  const given = unlessStopped(new Promise(() => {}), stop)
  drain()
  await expect(given).rejects.toThrow(Stopped)
})

test('after a stop nothing is waited for, and a failure of the work itself is no stray one', async () => {
  const { stop, drain } = signals()
  drain()
  const work = Promise.reject(new Error('broken off'))
  await expect(unlessStopped(work, stop)).rejects.toThrow(Stopped)
})

test('otherwise the work decides', async () => {
  await expect(unlessStopped(Promise.resolve(7), signals().stop)).resolves.toBe(7)
  await expect(unlessStopped(Promise.reject(new Error('no')), signals().stop)).rejects.toThrow('no')
})
