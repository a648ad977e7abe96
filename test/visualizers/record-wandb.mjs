// Records what W&B's own SDK sends, for wandb.test.ts to hold our client against: not part of CI. In an empty directory
//   npm install @wandb/sdk@0.5.1 && node <here>/record-wandb.mjs ./node_modules/@wandb/sdk/index.js > wandb-sdk-calls.json
import { createServer } from 'node:http'
import { pathToFileURL } from 'node:url'

const calls = []
const answers = {
  Viewer: { viewer: { id: 'v', entity: 'somebody', flags: '{}', teams: { edges: [] } } },
  UpsertBucket: {
    upsertBucket: {
      bucket: {
        id: 'b',
        name: 'run00001',
        displayName: 'model_20260102_030405',
        project: { id: 'p', name: 'perf_benchmark', entity: { id: 'e', name: 'somebody' } },
      },
      inserted: true,
    },
  },
}
const answer = async (request, response) => {
  let text = ''
  for await (const piece of request.setEncoding('utf8')) text += piece
  const body = JSON.parse(text)
  const operation = /(?:query|mutation)\s+(\w+)/.exec(body.query ?? '')?.[1]
  const { authorization, 'content-type': type } = request.headers
  const [scheme] = authorization.split(' ')
  calls.push({ method: request.method, path: request.url, type, authorization: scheme, operation, body })
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(operation === undefined ? {} : { data: answers[operation] }))
}
const server = createServer((request, response) => void answer(request, response))
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
process.env.WANDB_BASE_URL = `http://127.0.0.1:${server.address().port}`
process.env.WANDB_API_KEY = 'k'.repeat(40)
const { default: wandb } = await import(pathToFileURL(process.argv[2]).href)
const settings = { silent: true, baseUrl: process.env.WANDB_BASE_URL, apiKey: process.env.WANDB_API_KEY }
await wandb.init({
  project: 'perf_benchmark',
  id: 'run00001',
  name: 'model_20260102_030405',
  config: { parallel: 1 },
  settings,
})
wandb.log({ 'Avg TTFT (ms)': 12.5 })
wandb.log({ 'Avg TTFT (ms)': 13.5 })
await wandb.finish()
server.close()
process.stdout.write(`${JSON.stringify(calls, null, 1)}\n`)
