import { ArgumentsError } from '../../errors.ts'
import type { DatasetSettings } from '../../model/run-plan.ts'
import { type DatasetOptions, mostPromptTokens } from './options.ts'

/** The keys of `--dataset-args` that give the prompts of a dataset one length; `usablePrompts` acts on them. */
export const lengthOptions = {
  target_input_len: {
    kind: 'int',
    above: 0,
    max: mostPromptTokens,
    help: 'tokens of a prompt: longer texts are cut to them',
  },
  input_len_mode: { kind: 'text', choices: ['cap', 'drop'], help: 'keep shorter texts (cap) or skip them (drop)' },
  prefix_file: { kind: 'text', help: 'path of a text file, of which a piece fills shorter prompts up' },
  prefix_role: { kind: 'text', choices: ['system', 'user'], help: 'whose message the piece is in a chat' },
} as const satisfies DatasetOptions

/** The length that `--dataset-args` ask for. */
export interface AskedLength {
  readonly targetTokens: number
  /** Texts below the target are skipped, not kept. */
  readonly skipsShorter: boolean
  /** A piece of this file fills shorter prompts up. */
  readonly prefixFile: string | undefined
  readonly prefixRole: 'system' | 'user'
}

/** Reads `lengthOptions`; `undefined` without a target. Throws `ArgumentsError` for keys that do not go together. */
export const readAskedLength = ({ args, spec }: DatasetSettings): AskedLength | undefined => {
  const { target_input_len: target, input_len_mode: mode, prefix_file: file, prefix_role: role } = args
  const refuse = (problem: string): ArgumentsError => new ArgumentsError(`--dataset-args of ${spec}: ${problem}`)
  if (target === undefined) {
    const idle = ['prefix_file', 'input_len_mode', 'prefix_role'].find(key => args[key] !== undefined)
    if (idle === undefined) return undefined
    throw refuse(`"${idle}" needs "target_input_len", the tokens of a prompt; give it too or leave "${idle}" out`)
  }
  if (file !== undefined && mode === 'drop') {
    throw refuse('"prefix_file" fills short prompts up and "input_len_mode": "drop" skips them; give one of the two')
  }
  if (file === undefined && role !== undefined) {
    throw refuse('"prefix_role" needs "prefix_file", the text to take from; give it too or leave "prefix_role" out')
  }
  return {
    targetTokens: target as number,
    skipsShorter: mode === 'drop',
    prefixFile: file as string | undefined,
    prefixRole: role === 'user' ? 'user' : 'system',
  }
}
