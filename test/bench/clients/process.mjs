// One client in a process of its own: puts a load on the source, and tells what that cost.
import { setTimeout as sleep } from 'node:timers/promises'
import { createMeter, heldMb } from './meter.mjs'

/** Longer than a row waits for its commit: what is still held then, is held for good. */
const settleMs = 500

process.on('disconnect', () => process.exit())
const answer = async message => {
  if (message.measureHeld) {
    await sleep(settleMs)
    process.send({ heldMb: heldMb() })
  }
  if (message.name === undefined) return
  const { run } = await import(`./${message.name}.mjs`)
  const meter = createMeter()
  const outcome = await run(message.load, meter)
  const maxRssMb = process.resourceUsage().maxRSS / 1024
  process.send({ result: { ...outcome, ...meter.read(), endMb: heldMb(), maxRssMb } })
}

process.on('message', message => void answer(message))
