import type { Dataset } from '../datasets/dataset.ts'
import { PluginError, reasonOf, UserError } from '../errors.ts'
import type { Conversation } from '../model/conversation.ts'

const promptKinds: readonly string[] = ['messages', 'text', 'tokens', 'body']

/** A user's dataset whose exceptions and malformed items are its own mistakes, told in one line, and no bugs of ours. */
export const guardedDataset = (dataset: Dataset, spec: string): Dataset => ({
  ...dataset,
  ...(dataset.prepare && {
    prepare: async context => {
      try {
        return guardedDataset((await dataset.prepare?.(context)) ?? dataset, spec)
      } catch (error) {
        throw failureOf(error, spec)
      }
    },
  }),
  async *open(context) {
    try {
      for await (const item of dataset.open(context)) {
        if (!isConversation(item)) {
          throw new PluginError(
            `dataset plugin ${spec} yields ${JSON.stringify(item)?.slice(0, 100)}; ` +
              "yield conversations such as {turns: [{prompt: {kind: 'text', text: 'hello'}}]}",
          )
        }
        yield item
      }
    } catch (error) {
      throw failureOf(error, spec)
    }
  },
})

const failureOf = (error: unknown, spec: string): UserError =>
  error instanceof UserError
    ? error
    : new PluginError(`dataset plugin ${spec} failed: ${reasonOf(error)}`, { cause: error })

const isConversation = (item: Conversation | undefined | null): boolean =>
  Array.isArray(item?.turns) &&
  item.turns.length > 0 &&
  item.turns.every(turn => promptKinds.includes(turn?.prompt?.kind))
