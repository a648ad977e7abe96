import type { AnswerText, RecordSink, RequestRecord } from '../model/record.ts'
import type { Ended, Over, Report } from './thread-messages.ts'

/** Gathers what happens in one callback of a worker thread's event loop, and tells it at the end of that. */
export class Outbox implements RecordSink {
  readonly #tell: (report: Report) => void
  #ended: Ended[] = []
  #over: Over[] = []
  #isScheduled = false

  constructor(tell: (report: Report) => void) {
    this.#tell = tell
  }

  write(record: RequestRecord, answer?: AnswerText): void {
    this.#ended.push({ record, answer })
    this.#schedule()
  }

  over(over: Over): void {
    this.#over.push(over)
    this.#schedule()
  }

  close(): void {}

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    // Runs when the microtasks are done, in which a record is made and its conversation ends: one message for both, and
    // before the next sockets are read, which may take ms while a free slot waits.
    process.nextTick(() => this.#send())
  }

  #send(): void {
    this.#isScheduled = false
    const [ended, over] = [this.#ended, this.#over]
    this.#ended = []
    this.#over = []
    this.#tell({ kind: 'happened', ended, over })
  }
}
