import type { Dataset } from './dataset.ts'
import { createImageDataset } from './images/image-dataset.ts'

const repository = 'clip-benchmark/wds_flickr8k'

/** Photographs with the five captions that people gave each, of the test split of Flickr8k. */
export const flickr8k: Dataset = createImageDataset({
  names: ['flickr8k'],
  isMultiTurn: false,
  fields: { image: 'jpg', text: 'txt' },
  hubFile: {
    modelscope: { repository, path: 'test/0.tar' },
    huggingface: { repository, revision: 'refs/convert/parquet', path: 'default/test/0000.parquet' },
  },
  content: `the test split of ${repository}, as .tar or .parquet`,
})
