import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { expect } from 'vitest'
import type { Conversation } from '../../src/model/conversation.ts'
import { gif, jpeg, png, webp } from '../datasets/image-files.ts'
import { createPlace, readDataset } from './dataset-place.ts'
import { fuzz } from './fuzz.ts'
import { type ByteChange, byteChange, changedBytes, changedJson, hostileText, jsonChange } from './hostile.ts'

const { put, root } = createPlace()

/** An image that stands beside the dataset's directory, and must never get into a prompt. */
const secret = png('nobody may see this')
put('secret.png', secret)

const expectNoSecret = (conversations: readonly Conversation[]): void => {
  expect(JSON.stringify(conversations)).not.toContain(secret.toString('base64').slice(0, 24))
}

const image = fc.oneof(
  fc.string().chain(rest => fc.constantFrom(png(rest), jpeg(rest), gif(rest), webp(rest))),
  fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes)),
)

const oddName = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a.jpg', 'a.txt', 'b.jpg', 'b.txt', 'dir/c.jpg', 'dir/c.txt', 'c', '.jpg') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '../secret.png',
      '/etc/passwd',
      '..',
      '',
      '.',
      'x'.repeat(150),
      '\u001b[2J.jpg',
      '__proto__.jpg',
    ),
  },
  { weight: 1, arbitrary: hostileText },
)

interface Entry {
  readonly name: string
  readonly data: Buffer
  readonly type: string
  readonly size: string | undefined
  readonly isWhole: boolean
}

const entry: fc.Arbitrary<Entry> = fc.record({
  name: oddName,
  data: fc.oneof(
    image,
    hostileText.map(text => Buffer.from(text)),
  ),
  type: fc.oneof(
    { weight: 6, arbitrary: fc.constant('0') },
    fc.constantFrom('\0', 'L', 'x', 'g', 'K', '5', '2', 'S', '\xff'),
  ),
  size: fc.option(
    fc.constantFrom(
      '-2000',
      '-10',
      '77777777777',
      'zzz',
      '',
      '0',
      '8',
      ' 12 ',
      '\x80\0\0\0\0\0\0\0\0\0\x02\0',
      `\x80${'\xff'.repeat(11)}`,
      `\xff${'\xff'.repeat(11)}`,
    ),
    { freq: 8, nil: undefined },
  ),
  // Of one that is not, the sum in its header is wrong.
  isWhole: fc.oneof({ weight: 15, arbitrary: fc.constant(true) }, fc.constant(false)),
})

const entryBytes = ({ name, data, type, size, isWhole }: Entry): Buffer => {
  const header = Buffer.alloc(512)
  header.write(name, 0, 100)
  header.write('0000644\0', 100)
  header.write(size ?? `${data.length.toString(8).padStart(11, '0')}\0`, 124, 12, 'latin1')
  header.write('        ', 148)
  header.write(type, 156, 1, 'latin1')
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, isWhole ? 0 : 1)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([header, data, Buffer.alloc((512 - (data.length % 512)) % 512)])
}

const changes = fc.oneof(
  { weight: 2, arbitrary: fc.constant<ByteChange[]>([]) },
  fc.array(byteChange, { maxLength: 2 }),
)

const archive = fc.tuple(fc.array(entry, { maxLength: 6 }), changes, fc.constantFrom(0, 512, 1024))

fuzz<[[Entry[], ByteChange[], number]]>('tar archives', [archive], async ([entries, byteChanges, padding]) => {
  const whole = Buffer.concat([...entries.map(entryBytes), Buffer.alloc(padding)])
  expectNoSecret(await readDataset('flickr8k', put('tar/case.tar', changedBytes(whole, byteChanges))))
})

const metadataCase = fc.record({
  rows: fc.array(
    fc.tuple(
      fc.oneof(
        fc.constantFrom(
          'a.png',
          'a.png',
          '../secret.png',
          'link.png',
          '/dev/zero',
          'loop',
          '.',
          `${root}/secret.png`,
          'x/../../secret.png',
          '\0',
        ),
        hostileText,
      ),
      hostileText,
    ),
    { minLength: 1, maxLength: 4 },
  ),
  changes: fc.array(jsonChange, { maxLength: 2 }),
  byteChanges: changes,
})

type MetadataCase = typeof metadataCase extends fc.Arbitrary<infer Case> ? Case : never

put('folder/a.png', png('an image'))
symlinkSync('/dev/zero', join(root, 'folder/endless.png'))
symlinkSync('loop', join(root, 'folder/loop'))

fuzz<[MetadataCase]>('directories of images', [metadataCase], async given => {
  const lines = given.rows.map(([name, text], at) =>
    changedJson({ file_name: name, instruction: text }, at === 0 ? given.changes : []),
  )
  put('folder/metadata.jsonl', changedBytes(Buffer.from(`${lines.join('\n')}\n`), given.byteChanges))
  expectNoSecret(await readDataset('kontext_bench', join(root, 'folder')))
})

/** Tables that datasets read, as bytes. */
const tables: readonly Buffer[] = (['UNCOMPRESSED', 'SNAPPY', 'GZIP'] as const).flatMap(codec => [
  Buffer.from(
    parquetWriteBuffer({
      columnData: [
        { name: 'instruction', data: ['a', 'b', null, '为什么'], type: 'STRING' },
        { name: 'image', data: [png('1'), jpeg('2'), null, gif('3')], type: 'BYTE_ARRAY' },
      ],
      codec,
      compressors: { GZIP: bytes => gzipSync(bytes) },
      rowGroupSize: 3,
    }),
  ),
  Buffer.from(
    parquetWriteBuffer({
      columnData: [
        { name: 'question', data: ['a', 'b'.repeat(300), 'c', 'd'], type: 'STRING' },
        { name: 'number', data: [1, 2, 3, 4], type: 'INT32' },
        { name: 'list', data: [[1], [], [2, 3], [4]], type: 'JSON' },
      ],
      codec,
      compressors: { GZIP: bytes => gzipSync(bytes) },
    }),
  ),
])

const parquetCase = fc.record({
  which: fc.nat({ max: 20 }),
  dataset: fc.constantFrom('line_by_line', 'custom', 'kontext_bench'),
  field: fc.constantFrom(undefined, 'question', 'instruction', 'list', 'number', '__proto__'),
  byteChanges: fc.array(byteChange, { minLength: 1, maxLength: 3 }),
  bits: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat({ max: 7 })), { maxLength: 4 }),
  form: fc.nat({ max: 4 }),
})

type ParquetCase = typeof parquetCase extends fc.Arbitrary<infer Case> ? Case : never

/** With single bits changed, which gets further than bytes that are gone. */
const flipped = (bytes: Buffer, bits: ParquetCase['bits']): Buffer => {
  const changed = Buffer.from(bytes)
  for (const [share, bit] of bits) {
    const at = Math.min(changed.length - 1, Math.floor(share * changed.length))
    changed[at] = (changed[at] as number) ^ (1 << bit)
  }
  return changed
}

fuzz<[ParquetCase]>('Parquet files', [parquetCase], async ({ which, dataset, field, byteChanges, bits, form }) => {
  const table = tables[which % tables.length] as Buffer
  const bytes = form === 0 ? changedBytes(table, byteChanges) : flipped(table, bits)
  const args = field === undefined || dataset === 'kontext_bench' ? {} : { field }
  await readDataset(dataset, put('parquet/case.parquet', bytes), args)
})
