import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { loadTokenizer } from '../tokenizers/index.ts'
import { type CountItem, countItem } from './count-item.ts'
import type { CountSetup } from './count-worker.ts'

// Entry of the worker thread that counts tokens. What is thrown here ends it, and the run tells why.

const { tokenizerPath, ...settings } = workerData as CountSetup
const port = parentPort as MessagePort
const tokenizer = await loadTokenizer(tokenizerPath)
port.on('message', (items: readonly CountItem[]) => {
  port.postMessage(items.map(item => countItem(item, settings, tokenizer)))
})
