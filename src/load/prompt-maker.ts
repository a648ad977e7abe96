import { setImmediate as nextTurn } from 'node:timers/promises'
import { UserError } from '../errors.ts'
import type { Conversation } from '../model/conversation.ts'
import type { PromptJob, PromptOrder, PromptReport } from './prompt-messages.ts'
import { conversationSize } from './prompt-size.ts'

/** What a thread makes ahead of being asked, in UTF-16 units: a few long prompts, some thousand short ones. */
const aheadSize = 4 * 1024 * 1024
/** Short prompts go in one message, which costs the receiver 20 µs. */
const messageSize = 2048
/** A conversation without any text takes memory, too. */
const leastSize = 64

/** Opens what a job is to make; `isClosed` tells whether it is still wanted. */
export type OpenJob = (job: PromptJob, isClosed: () => boolean) => AsyncIterable<Conversation>

/** Makes the conversations of one job after the other, as far ahead as may be. */
export class PromptMaker {
  readonly #open: OpenJob
  readonly #tell: (report: PromptReport) => void
  #number = 0
  /** Size of what was told and not yet taken. */
  #ahead = 0
  #wake: (() => void) | undefined

  constructor(open: OpenJob, tell: (report: PromptReport) => void) {
    this.#open = open
    this.#tell = tell
  }

  /** Rejects with what is no mistake of the user. */
  async obey(order: PromptOrder): Promise<void> {
    switch (order.kind) {
      case 'make':
        return this.#make(order.number, order.job)
      case 'taken':
        if (order.number === this.#number) this.#ahead -= order.size
        break
      case 'end':
        this.#number++
    }
    this.#wake?.()
  }

  async #make(number: number, job: PromptJob): Promise<void> {
    this.#number = number
    this.#ahead = 0
    this.#wake?.()
    try {
      await this.#tellAll(number, job)
      this.#tell({ kind: 'over', number, mistake: undefined })
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      this.#tell({ kind: 'over', number, mistake: error.message })
    }
  }

  async #tellAll(number: number, job: PromptJob): Promise<void> {
    let conversations: Conversation[] = []
    let size = 0
    const flush = (): void => {
      // Late, it is none of the next job's, for which it would never be taken.
      if (this.#number === number) this.#ahead += size
      this.#tell({ kind: 'made', number, conversations, size })
      conversations = []
      size = 0
    }
    const isClosed = (): boolean => this.#number !== number
    try {
      for await (const conversation of this.#open(job, isClosed)) {
        conversations.push(conversation)
        size += leastSize + conversationSize(conversation)
        if (size < messageSize) continue
        flush()
        // Orders are heard between turns of the event loop.
        await nextTurn()
        while (this.#ahead >= aheadSize && !isClosed()) {
          await new Promise<void>(resolve => (this.#wake = resolve))
        }
        if (isClosed()) return
      }
    } finally {
      // What was made before a mistake is sent all the same.
      if (conversations.length > 0) flush()
    }
  }
}
