import { expect, test } from 'vitest'
import type { Dataset } from '../../src/datasets/dataset.ts'
import { speedBenchmark, speedBenchmarkLong } from '../../src/datasets/speed-benchmark.ts'
import { createContext, promptsOf, take, textOf } from './context.ts'

test.each<[string, Dataset, number[]]>([
  ['speed_benchmark', speedBenchmark, [1, 1, 6144, 6144, 14_336, 14_336, 30_720, 30_720]],
  ['speed_benchmark_long', speedBenchmarkLong, [63_488, 63_488, 129_024, 129_024]],
])('%s repeats one character as often as Qwen does, each length twice', async (name, dataset, lengths) => {
  const texts = promptsOf(await take(dataset.open(createContext({ spec: name })))).map(textOf)
  expect(texts).toEqual(lengths.map(length => '熵'.repeat(length)))
  expect(dataset.size).toBe(lengths.length)
})
