import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { loadDataset } from '../datasets/load-dataset.ts'
import { promptDataset } from '../datasets/prompt.ts'
import { loadTokenizer } from '../tokenizers/index.ts'
import { conversationsOf, drawnConversations, finishFor } from './conversations.ts'
import { PromptMaker } from './prompt-maker.ts'
import type { PromptOrder, PromptReport, PromptThreadSetup } from './prompt-messages.ts'
import { promptTokenizer } from './prompt-tokenizer.ts'

// Entry of the threads that make prompts. What is thrown here ends the thread, and the run tells why.

const { tokenizerPath } = workerData as PromptThreadSetup
const port = parentPort as MessagePort
const tell = (report: PromptReport): void => port.postMessage(report)
const ownTokenizer = tokenizerPath === undefined ? undefined : await loadTokenizer(tokenizerPath)

const maker = new PromptMaker(async function* ({ plan, share }, isClosed) {
  const dataset = plan.dataset.prompt === undefined ? await loadDataset(plan.dataset.spec) : promptDataset
  const tokenizer = promptTokenizer(plan.request, ownTokenizer)
  const say = (line: string): void => tell({ kind: 'say', line })
  const context = { settings: plan.dataset, seed: plan.seed, tokenizer, say }
  const parts = { dataset, context, finish: finishFor(plan, tokenizer) }
  yield* dataset.draw === undefined ? conversationsOf(parts, isClosed) : drawnConversations(parts, share)
}, tell)
port.on('message', (order: PromptOrder) => void maker.obey(order))
