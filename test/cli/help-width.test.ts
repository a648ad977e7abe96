import { Command } from 'commander'
import { expect, test } from 'vitest'
import { datasetNames } from '../../src/arguments/dataset-names.ts'
import { addPerfOptions } from '../../src/cli/perf-options.ts'
import { builtinDatasets } from '../../src/datasets/index.ts'

test.each([60, 80, 100])('the flags fit into %i columns', width => {
  const command = addPerfOptions(new Command('perf').configureOutput({ getOutHelpWidth: () => width }))
  const lines = command.helpInformation().split('\n')
  expect(lines.filter(line => line.length > width)).toEqual([])
  expect(lines.length).toBeGreaterThan(60)
})

test('the datasets that help lists are those there are', async () => {
  const datasets = await Promise.all(Object.values(builtinDatasets).map(load => load()))
  expect(datasetNames).toEqual([...new Set(datasets.map(({ names }) => names[0]))])
})
