import type { Dataset } from './dataset.ts'
import { createImageDataset } from './images/image-dataset.ts'

const repository = 'black-forest-labs/kontext-bench'

/** Images with what is to be changed in each. */
export const kontextBench: Dataset = createImageDataset({
  names: ['kontext_bench'],
  isMultiTurn: false,
  fields: { image: 'image', text: 'instruction' },
  defaultText: 'Describe the image',
  // On both hubs the images are files of their own beside a metadata.jsonl; Hugging Face has them as Parquet, too.
  hubFile: { huggingface: { repository, revision: 'refs/convert/parquet', path: 'default/test/0000.parquet' } },
  content: `${repository}, as .parquet or the directory of its metadata.jsonl`,
})
