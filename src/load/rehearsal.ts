import { type AddressInfo, createServer, type Server } from 'node:net'
import { openai } from '../apis/openai.ts'
import type { RunPlan } from '../model/run-plan.ts'
import { Accumulator } from '../stats/accumulator.ts'
import { nowMs } from './clock.ts'
import { closedLoop } from './closed-loop.ts'
import { maySpin } from './cpu-quota.ts'
import { Gate } from './gate.ts'
import { Gauge } from './gauge.ts'
import { createHolder } from './holder.ts'
import { Sleeper } from './sleeper.ts'
import { neverStops } from './stop.ts'

/** 100 requests gain half of what there is to gain, 300 nearly all; 200 take 0.1 s. */
const mostRequests = 200
const concurrency = 16

/**
 * Sends as many requests as the plans will, but few, to a socket of our own that answers at once: what is measured next
 * meets compiled code. Without it the first 64 slots that come free together are refilled after 13 ms instead of 7, and
 * a TTFT of 30 ms at 32 streams is seen 3.8 ms late instead of 2.5 (means). Where nothing may be listened to it is left
 * out; never rejects.
 */
export const rehearse = async (plans: readonly RunPlan[]): Promise<void> => {
  const [plan] = plans
  const requests = plans.reduce((sum, { number }) => sum + (number ?? mostRequests), 0)
  if (plan === undefined) return
  const server = await listen()
  if (server === undefined) return
  const { port } = server.address() as AddressInfo
  const { draining } = neverStops()
  // Loopback that drops packets costs a second, not one for each wave.
  let isBroken = false
  const holder = createHolder({
    plan: withTarget(plan, `http://127.0.0.1:${port}/v1/chat/completions`),
    api: openai,
    sinks: [
      new Accumulator(),
      { write: ({ failure }) => (isBroken ||= failure !== undefined), close: () => undefined },
    ],
    gauge: new Gauge(),
    trace: undefined,
    requestIdPrefix: 'rehearsal',
    draining,
  })
  const gate = new Gate(draining)
  const most = Math.min(requests, mostRequests)
  let index = 0
  const prompt = { kind: 'messages', messages: [{ role: 'user', content: 'hello' }] } as const
  const take = () => (index < most && !isBroken ? { index: index++, conversation: { turns: [{ prompt }] } } : undefined)
  await closedLoop({
    supply: { take },
    gate,
    hold: holder.begin('measured', gate),
    startMs: nowMs(),
    concurrency,
    rampUpMs: 0,
    sleeper: new Sleeper(maySpin()),
  })
  gate.dispose()
  await holder.close()
  server.close()
}

const withTarget = (plan: RunPlan, url: string): RunPlan => ({
  ...plan,
  target: {
    ...plan.target,
    url,
    headers: { 'content-type': 'application/json' },
    timeouts: { connectMs: 1000, readMs: 1000, totalMs: 1000 },
    keepAlive: true,
    proxyUrl: undefined,
  },
})

/** Undefined where that is not allowed. */
const listen = (): Promise<Server | undefined> =>
  new Promise(resolve => {
    const server = createServer({ noDelay: true }, socket => {
      socket.on('error', () => socket.destroy())
      // A short request comes in one read.
      socket.on('data', bytes => socket.write(bytes.includes('"stream":true') ? streamed : plain))
    })
    server.once('error', () => resolve(undefined))
    server.listen(0, '127.0.0.1', () => resolve(server))
  })

const usage = { prompt_tokens: 1, completion_tokens: 8, total_tokens: 9 }

const event = (payload: object): string => {
  const text = `data: ${JSON.stringify({ id: 'rehearsal', object: 'chat.completion.chunk', ...payload })}\n\n`
  return `${text.length.toString(16)}\r\n${text}\r\n`
}

const delta = (content: object, finishReason: string | null): string =>
  event({ choices: [{ index: 0, delta: content, finish_reason: finishReason }] })

const streamed = [
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n',
  delta({ role: 'assistant', content: '' }, null),
  ...Array.from({ length: usage.completion_tokens }, (_, token) => delta({ content: ` token ${token}` }, null)),
  delta({}, 'stop'),
  event({ choices: [], usage }),
  'e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n',
].join('')

const plainBody = JSON.stringify({
  id: 'rehearsal',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
  usage,
})
const plain = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${plainBody.length}\r\n\r\n${plainBody}`
