import { ArgumentsError } from '../errors.ts'
import type { Turn } from '../model/conversation.ts'
import type { DatasetSettings, IntegerRange } from '../model/run-plan.ts'
import { rngFor } from '../stats/rng.ts'
import { drawnDataset } from './support/drawn-dataset.ts'
import { wrapText } from './support/prompts.ts'
import { consecutiveIds, createTextOfIds, drawPrefix, requireTokenizer } from './support/random-text.ts'
import { turnLengthOf, turnLengthOptions } from './support/turn-lengths.ts'

/**
 * Conversations without end, their turns drawn from `--min-turns` to `--max-turns`. Each message is a text as of
 * `random`, the shared prefix in front; its length is that of the message alone, without the chat template.
 */
export const randomMultiTurn = drawnDataset({
  names: ['random_multi_turn'],
  isMultiTurn: true,
  needsTokenizer: true,
  options: turnLengthOptions,
  appliesOffset: true,
  draw(context) {
    const { settings, seed } = context
    const tokenizer = requireTokenizer(context)
    const turnCounts = turnRange(settings)
    const lengthsOf = (position: number): IntegerRange =>
      turnLengthOf(settings.args, position) ?? promptLengths(settings)
    const prefix = drawPrefix(context, tokenizer)
    const textOf = createTextOfIds('random_multi_turn', tokenizer, context.say)

    const drawTurn = (item: number, position: number): Turn => {
      // A stream of its own: fitting one text draws from it, which must not move the turns after it.
      const rng = rngFor(seed, 'random_multi_turn', item, position)
      const lengths = lengthsOf(position)
      const length = rng.integer(lengths.min, lengths.max)
      const start = rng.integer(0, tokenizer.ordinaryIds().length - 1)
      const ids = [...prefix, ...consecutiveIds(start, length, tokenizer)]
      return { prompt: wrapText(textOf(ids, rng, `turn ${position + 1} of conversation ${item}`), true) }
    }

    const meanTurns = middleOf(turnCounts)
    return {
      meanTokens: meanTurns * prefix.length + middleOf(lengthsOf(0)) + (meanTurns - 1) * middleOf(lengthsOf(1)),
      at: index => {
        const item = settings.offset + index
        const count = rngFor(seed, 'random_multi_turn', item).integer(turnCounts.min, turnCounts.max)
        return { turns: Array.from({ length: count }, (_, position) => drawTurn(item, position)) }
      },
    }
  },
})

const middleOf = ({ min, max }: IntegerRange): number => (min + max) / 2

const turnRange = ({ spec, minTurns, maxTurns }: DatasetSettings): IntegerRange => {
  if (maxTurns !== undefined) return { min: minTurns, max: maxTurns }
  throw new ArgumentsError(`--dataset ${spec} needs --max-turns, the most turns of a conversation, such as 5`)
}

const promptLengths = ({ minPromptLength, maxPromptLength }: DatasetSettings): IntegerRange => ({
  min: minPromptLength,
  max: maxPromptLength,
})
