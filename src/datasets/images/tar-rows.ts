import { basename } from 'node:path/posix'
import { type ImageFields, type ImageRow, mostImageBytes, textOf } from './image-row.ts'
import { readTar } from './tar.ts'

/**
 * The samples of a WebDataset shard, a tar archive: files next to each other whose names are the same up to the first
 * dot are one sample, and what follows the dot names its fields.
 */
export async function* readTarRows(file: string, fields: ImageFields): AsyncGenerator<ImageRow> {
  let sample: Sample | undefined
  let number = 0
  for await (const { name, bytes, read } of readTar(file)) {
    const [key, field] = splitName(name)
    if (key !== sample?.key) {
      if (sample !== undefined) yield rowOf(sample, fields)
      number++
      sample = { key, number, place: `${file}: sample ${key}`, values: new Map() }
    }
    const isWanted = field === fields.image || field === fields.text
    if (isWanted && bytes <= mostImageBytes) sample.values.set(field, await read())
  }
  if (sample !== undefined) yield rowOf(sample, fields)
}

interface Sample {
  readonly key: string
  readonly number: number
  readonly place: string
  readonly values: Map<string, Buffer>
}

const rowOf = ({ number, place, values }: Sample, { image, text }: ImageFields): ImageRow => ({
  number,
  place,
  image: values.get(image),
  text: textOf(values.get(text)),
})

const splitName = (name: string): readonly [key: string, field: string] => {
  const dot = name.indexOf('.', name.length - basename(name).length)
  return dot === -1 ? [name, ''] : [name.slice(0, dot), name.slice(dot + 1).toLowerCase()]
}
