import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isJsonObject, type JsonObject } from '../../src/model/json.ts'

/** A server that examples of the README are pointed at. */
export interface ExampleServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** Bodies of all POST requests so far. */
  readonly bodies: readonly JsonObject[]
  close(): Promise<void>
}

/** Answers one POST request. */
export type Answer = (path: string, body: JsonObject, response: ServerResponse) => void

/** Starts a server on a free loopback port that names the model `tiny` and leaves POST requests to `answer`. */
export const startExampleServer = async (answer: Answer): Promise<ExampleServer> => {
  const bodies: JsonObject[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', bytes => (text += bytes))
    request.on('end', () => {
      if (request.method === 'GET') return response.end('{"data":[{"id":"tiny"}]}')
      const body: unknown = JSON.parse(text)
      if (!isJsonObject(body)) throw new Error('the body is no object')
      bodies.push(body)
      answer(request.url ?? '', body, response)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    close: () => {
      server.closeAllConnections()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}

/** Sends events a few ms apart, then ends the answer. */
export const streamEvents = async (response: ServerResponse, events: readonly (object | string)[]): Promise<void> => {
  response.setHeader('content-type', 'text/event-stream')
  for (const event of events) {
    response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`)
    await new Promise(resolve => setTimeout(resolve, 3))
  }
  response.end()
}

/** OpenAI's chat completions: four words, `usage`, `[DONE]`. */
export const answerChat: Answer = (_, body, response) => {
  const chunk = (delta: object, finish: string | null = null): object => ({
    object: 'chat.completion.chunk',
    model: body.model,
    choices: [{ index: 0, delta, finish_reason: finish }],
  })
  const words = ['one', ' two', ' three', ' four'].map(content => chunk({ content }))
  const usage = { choices: [], usage: { prompt_tokens: 7, completion_tokens: 4 } }
  void streamEvents(response, [chunk({ role: 'assistant', content: '' }), ...words, chunk({}, 'stop'), usage, '[DONE]'])
}

/** The llama.cpp server's `/completion`: `{content, stop}` events, the last of them with token counts. */
export const answerLlamaCpp: Answer = (path, body, response) => {
  if (path !== '/completion' || typeof body.prompt !== 'string') {
    response.writeHead(404).end('{"error":{"message":"File Not Found"}}')
    return
  }
  const counts = { stop: true, tokens_evaluated: 5, tokens_predicted: 3 }
  if (body.stream !== true) {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ content: 'a b c', ...counts }))
    return
  }
  const events = ['a', ' b', ' c'].map(content => ({ content, stop: false }))
  void streamEvents(response, [...events, { content: '', ...counts }])
}

/** A service of one's own: tokens and, at the end, counts, as a JSON object a line. */
export const answerLines: Answer = (path, body, response) => {
  if (path !== '/talk' || !Array.isArray(body.talk)) {
    response.writeHead(404).end('{"problem":"no such place"}')
    return
  }
  response.setHeader('content-type', 'application/x-ndjson')
  for (const token of ['a', ' b', ' c']) response.write(`${JSON.stringify({ token })}\n`)
  response.end('{"usage":[12,3]}\n')
}

/** Text generation inference's `/generate`: one JSON body. */
export const answerGenerate: Answer = (path, body, response) => {
  if (path !== '/generate' || typeof body.inputs !== 'string') {
    response.writeHead(404).end()
    return
  }
  const details = { finish_reason: 'length', generated_tokens: 2, prefill: [1, 2, 3, 4, 5].map(id => ({ id })) }
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ generated_text: 'a b', details }))
}
