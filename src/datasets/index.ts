import { custom } from './custom.ts'
import { customMultiTurn } from './custom-multi-turn.ts'
import type { Dataset } from './dataset.ts'
import { embedding, embeddingBatch } from './embedding.ts'
import { flickr8k } from './flickr8k.ts'
import { kontextBench } from './kontext-bench.ts'
import { lineByLine } from './line-by-line.ts'
import { longalpaca } from './longalpaca.ts'
import { openqa } from './openqa.ts'
import { random } from './random.ts'
import { randomEmbedding, randomEmbeddingBatch } from './random-embedding.ts'
import { randomMultiTurn } from './random-multi-turn.ts'
import { randomRerank } from './random-rerank.ts'
import { randomVl } from './random-vl.ts'
import { rerank } from './rerank.ts'
import { shareGptEn, shareGptZh } from './share-gpt.ts'
import { shareGptEnMultiTurn, shareGptZhMultiTurn } from './share-gpt-multi-turn.ts'
import { speedBenchmark, speedBenchmarkLong } from './speed-benchmark.ts'
import { sweSmith } from './swe-smith.ts'
import { trieAgenticCoding, trieCodeQa, trieOfficeWork } from './trie.ts'
import { workloadTrace } from './workload-trace.ts'

/** All datasets that `--dataset` knows by name. */
export const builtinDatasets: readonly Dataset[] = [
  openqa,
  longalpaca,
  shareGptZh,
  shareGptEn,
  lineByLine,
  custom,
  random,
  randomVl,
  flickr8k,
  kontextBench,
  speedBenchmark,
  speedBenchmarkLong,
  randomMultiTurn,
  customMultiTurn,
  shareGptZhMultiTurn,
  shareGptEnMultiTurn,
  sweSmith,
  trieAgenticCoding,
  trieCodeQa,
  trieOfficeWork,
  workloadTrace,
  embedding,
  embeddingBatch,
  randomEmbedding,
  randomEmbeddingBatch,
  rerank,
  randomRerank,
]
