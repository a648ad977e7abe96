import type { Dataset } from '../dataset.ts'

/** A dataset whose conversations are drawn: a pass has them all, one after the other. */
export const drawnDataset = (parts: Omit<Dataset, 'open'> & Required<Pick<Dataset, 'draw'>>): Dataset => ({
  ...parts,
  async *open(context) {
    const { at } = await parts.draw(context)
    for (let index = 0; ; index++) yield at(index)
  },
})
