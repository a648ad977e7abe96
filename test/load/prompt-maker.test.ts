import { expect, test } from 'vitest'
import { ArgumentsError } from '../../src/errors.ts'
import { type OpenJob, PromptMaker } from '../../src/load/prompt-maker.ts'
import type { PromptJob, PromptReport } from '../../src/load/prompt-messages.ts'
import type { Conversation } from '../../src/model/conversation.ts'
import { planFor } from '../support/ask.ts'

const job: PromptJob = { plan: planFor('http://127.0.0.1:1/'), share: { first: 0, step: 1, count: 1 } }
const conversation = (text: string): Conversation => ({ turns: [{ prompt: { kind: 'text', text } }] })
const mebi = 1024 * 1024

/** A maker of these texts; `made` grows as it works. */
const makerOf = (open: OpenJob) => {
  const reports: PromptReport[] = []
  const maker = new PromptMaker(open, report => reports.push(report))
  const made = () => reports.filter(report => report.kind === 'made')
  return { maker, reports, made }
}

/** Texts without end. */
const endless = (text: string): OpenJob =>
  async function* () {
    for (;;) yield conversation(text)
  }

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise(resolve => setImmediate(resolve))
}

test('no more than 4 Mi characters are made ahead, and more when they are taken', async () => {
  const { maker, made } = makerOf(endless('x'.repeat(mebi)))
  void maker.obey({ kind: 'make', number: 1, job })
  await turns(30)
  expect(made()).toHaveLength(4)
  await maker.obey({ kind: 'taken', number: 1, size: 2.5 * mebi })
  await turns(30)
  expect(made()).toHaveLength(7)
  // What was taken of another job makes no room.
  await maker.obey({ kind: 'taken', number: 2, size: 9 * mebi })
  await turns(10)
  expect(made()).toHaveLength(7)
  await maker.obey({ kind: 'end' })
})

test('prompts without any text are bounded too', async () => {
  const { maker, made } = makerOf(endless(''))
  void maker.obey({ kind: 'make', number: 1, job })
  await turns(3000)
  const count = made().reduce((sum, { conversations }) => sum + conversations.length, 0)
  expect(count).toBeGreaterThan(50_000)
  expect(count).toBeLessThan(70_000)
  await maker.obey({ kind: 'end' })
})

test('a message holds short prompts together, and long ones alone', async () => {
  const texts = [...Array.from({ length: 40 }, () => 'x'.repeat(100)), 'y'.repeat(5000), 'z']
  const { maker, made, reports } = makerOf(async function* () {
    for (const text of texts) yield conversation(text)
  })
  await maker.obey({ kind: 'make', number: 3, job })
  const lengths = made().map(({ conversations }) => conversations.length)
  expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(42)
  expect(lengths.length).toBeGreaterThan(3)
  expect(lengths.length).toBeLessThan(8)
  expect(reports.at(-1)).toEqual({ kind: 'over', number: 3, mistake: undefined })
})

test('what was made before a mistake comes before it', async () => {
  const { maker, reports } = makerOf(async function* () {
    yield conversation('a')
    throw new ArgumentsError('data.jsonl:2 is no JSON')
  })
  await maker.obey({ kind: 'make', number: 1, job })
  expect(reports.map(({ kind }) => kind)).toEqual(['made', 'over'])
  expect(reports.at(-1)).toMatchObject({ mistake: 'data.jsonl:2 is no JSON' })
})

test('a bug is none of the user, and thrown', async () => {
  const { maker } = makerOf(() => {
    throw new TypeError('oops')
  })
  await expect(maker.obey({ kind: 'make', number: 1, job })).rejects.toThrow(TypeError)
})

test('a new job ends the one before, also while that waits for room', async () => {
  const { maker, made } = makerOf(endless('x'.repeat(8 * mebi)))
  const first = maker.obey({ kind: 'make', number: 1, job })
  await turns(5)
  void maker.obey({ kind: 'make', number: 2, job })
  await first
  await turns(5)
  expect(made().map(({ number }) => number)).toEqual([1, 2])
  await maker.obey({ kind: 'end' })
})

test('what a job that was ended still makes takes no room of the next', async () => {
  let release = (): void => undefined
  const held = new Promise<void>(resolve => (release = resolve))
  const { maker, made } = makerOf(async function* ({ share }) {
    if (share.first === 0) {
      await held
      yield conversation('x'.repeat(9 * mebi))
    } else for (;;) yield conversation('x'.repeat(mebi))
  })
  void maker.obey({ kind: 'make', number: 1, job })
  await turns(2)
  void maker.obey({ kind: 'make', number: 2, job: { ...job, share: { first: 1, step: 1, count: 9 } } })
  release()
  await turns(30)
  expect(made().filter(({ number }) => number === 2)).toHaveLength(4)
  await maker.obey({ kind: 'end' })
})

test('what is read but not wanted hears that nothing more is', async () => {
  const closed: boolean[] = []
  const { maker } = makerOf(async function* (_job, isClosed) {
    closed.push(isClosed())
    await turns(3)
    closed.push(isClosed())
    yield conversation('a')
  })
  const made = maker.obey({ kind: 'make', number: 1, job })
  await maker.obey({ kind: 'end' })
  await made
  expect(closed).toEqual([false, true])
})
