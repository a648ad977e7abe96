import { expect, test } from 'vitest'
import { Arguments } from '../../src/arguments/arguments.ts'
import type { ArgumentsInput } from '../../src/arguments/arguments-input.ts'
import { chosenVisualizer } from '../../src/arguments/follow-flags.ts'
import { maskArguments } from '../../src/arguments/masked-arguments.ts'

const withFlags = (input: ArgumentsInput): Arguments => new Arguments({ api: 'simulated', seed: 1, ...input })

const deprecated = (flag: string, variable: string, name: string): string =>
  `${flag} is deprecated; set ${variable} and give --visualizer ${name}`

test.each([
  [{}, undefined, []],
  [{ visualizer: 'clearml' as const }, 'clearml', []],
  [{ wandbApiKey: 'k' }, 'wandb', [deprecated('--wandb-api-key', 'WANDB_API_KEY', 'wandb')]],
  [{ swanlabApiKey: 'k' }, 'swanlab', [deprecated('--swanlab-api-key', 'SWANLAB_API_KEY', 'swanlab')]],
  [
    { wandbApiKey: 'k', swanlabApiKey: 'k' },
    'wandb',
    [deprecated('--wandb-api-key', 'WANDB_API_KEY', 'wandb'), '--swanlab-api-key has no effect: figures go to wandb'],
  ],
  [{ swanlabHost: 'http://h' }, undefined, ['--swanlab-host has no effect: no --visualizer is given']],
  // An unset variable in quotes.
  [{ wandbApiKey: '', swanlabApiKey: '' }, undefined, []],
])('%j chooses %s', (input, name, lines) => {
  const { values, warnings } = withFlags(input)
  expect(chosenVisualizer(values)).toBe(name)
  expect(warnings).toEqual(lines)
})

test('another service is refused by name', () => {
  expect(() => withFlags({ visualizer: 'tensorboard' as never })).toThrow(
    /--visualizer .*wandb.*swanlab.*clearml.*tensorboard/,
  )
})

test('keys are masked wherever they are repeated', () => {
  const args = withFlags({
    wandbApiKey: 'wandb-key',
    swanlabApiKey: 'swan-key',
    name: 'run of wandb-key',
    model: 'swan-key',
  })
  const shown = maskArguments(args)
  expect(JSON.stringify(shown)).not.toMatch(/wandb-key|swan-key/)
  expect(shown).toMatchObject({ wandb_api_key: '**********', swanlab_api_key: '**********', name: 'run of **********' })
})
