import type { FailureKind, RequestFailure, RequestRecord } from '../model/record.ts'
import type { FailureGroup } from '../model/result.ts'

interface Example {
  readonly index: number
  readonly turn: number
  readonly message: string
}

interface Group {
  readonly kind: FailureKind
  readonly statusCode: number | undefined
  count: number
  example: Example
}

/** Counts failures by kind and status, with the message of the earliest request of the sequence as example. */
export class FailureGroups {
  readonly #groups = new Map<string, Group>()

  add(record: RequestRecord, failure: RequestFailure): void {
    const { index, turn, statusCode } = record
    this.#put({ kind: failure.kind, statusCode, count: 1, example: { index, turn, message: failure.message } })
  }

  merge(other: FailureGroups): void {
    for (const group of other.#groups.values()) this.#put(group)
  }

  /** Most frequent first. */
  list(): readonly FailureGroup[] {
    return [...this.#groups.values()]
      .sort((a, b) => b.count - a.count || compareText(keyOf(a), keyOf(b)))
      .map(({ kind, statusCode, count, example }) => ({ kind, statusCode, count, example: example.message }))
  }

  #put(group: Group): void {
    const known = this.#groups.get(keyOf(group))
    if (known === undefined) {
      this.#groups.set(keyOf(group), { ...group })
      return
    }
    known.count += group.count
    // Not the first to arrive: the example must not depend on order or on shards.
    if (compareExamples(group.example, known.example) < 0) known.example = group.example
  }
}

const keyOf = (group: Group): string => `${group.kind} ${group.statusCode ?? ''}`

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const compareExamples = (a: Example, b: Example): number =>
  a.index - b.index || a.turn - b.turn || compareText(a.message, b.message)
