import type { Conversation } from '../model/conversation.ts'
import type { RunPlan } from '../model/run-plan.ts'
import type { PromptThreadSetup } from './prompt-messages.ts'
import { PromptThread } from './prompt-thread.ts'

/** The conversations of a run, and how many threads are to make them: one, unless they are drawn. */
export interface PromptsWanted {
  readonly plan: RunPlan
  readonly threads: number
  /** Most of them; may be infinite. */
  readonly count: number
}

/** Threads that make prompts for one run after the other: started when they are first needed, then kept. */
export class PromptThreads {
  readonly #setup: PromptThreadSetup
  readonly #say: (line: string) => void
  readonly #threads: PromptThread[] = []

  constructor(setup: PromptThreadSetup, say: (line: string) => void) {
    this.#setup = setup
    this.#say = say
  }

  /** Conversations in the order in which one thread would make them, until there are no more or `closing` fires. */
  async *open({ plan, threads, count }: PromptsWanted, closing: AbortSignal): AsyncGenerator<Conversation> {
    const makers = Array.from({ length: threads }, (_, place) => this.#thread(place))
    const end = (): void => {
      for (const maker of makers) maker.end()
    }
    for (const [first, maker] of makers.entries()) maker.make({ plan, share: { first, step: threads, count } })
    closing.addEventListener('abort', end)
    try {
      for (let index = 0; ; index++) {
        const conversation = await makers[index % threads]?.next()
        if (conversation === undefined) return
        yield conversation
      }
    } finally {
      closing.removeEventListener('abort', end)
      end()
    }
  }

  /** Ends all threads where they stand. */
  close(): void {
    for (const thread of this.#threads.splice(0)) thread.terminate()
  }

  #thread(place: number): PromptThread {
    const thread =
      this.#threads[place] ??
      new PromptThread({ setup: this.#setup, name: `prompt thread ${place + 1}`, say: this.#say })
    this.#threads[place] = thread
    return thread
  }
}
