import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Dataset } from '../../src/datasets/dataset.ts'
import { flickr8k } from '../../src/datasets/flickr8k.ts'
import { kontextBench } from '../../src/datasets/kontext-bench.ts'
import { ArgumentsError } from '../../src/errors.ts'
import { createContext, promptsOf, take } from './context.ts'
import { gif, jpeg, png, type Row, type TableForm, webp, write, writeParquet, writeTar } from './image-files.ts'

const root = mkdtempSync(join(tmpdir(), 'images-'))
afterAll(() => rmSync(root, { recursive: true }))

/** What is sent for each row, and what is said. */
const read = async (dataset: Dataset, path: string) => {
  const said: string[] = []
  const context = createContext({ spec: dataset.names[0] ?? '', path }, { said })
  return { prompts: promptsOf(await take(dataset.open(context))), said }
}

const problemOf = async (dataset: Dataset, path?: string): Promise<string> => {
  const context = createContext({ spec: dataset.names[0] ?? '', path })
  const error: unknown = await take(dataset.open(context)).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ArgumentsError)
  return (error as Error).message
}

const prompt = (text: string, mediaType: string, image: Buffer) => {
  const url = `data:${mediaType};base64,${image.toString('base64')}`
  const content = [
    { type: 'text', text },
    { type: 'image_url', image_url: { url } },
  ]
  return { kind: 'messages', messages: [{ role: 'user', content }] }
}

/** Begins with its own length in bytes, which has two digits. */
const paxRecord = (key: string, value: string): string =>
  `${Buffer.byteLength(`00 ${key}=${value}\n`)} ${key}=${value}\n`

const captions = 'A dog runs .\nA brown dog is running on grass .'

describe('Parquet', () => {
  const rows = [
    { jpg: jpeg('one'), txt: captions, __key__: 's0' },
    { jpg: png('two'), txt: '  kept as it is ', __key__: 's1' },
    { jpg: webp('three'), txt: 'c', __key__: 's2' },
    { jpg: gif('four'), txt: 'd', __key__: 's3' },
  ]

  test.each<[string, Omit<TableForm, 'images'>]>([
    ['with images as objects', { isObject: true }],
    ['with images as bytes', {}],
    ['in several row groups', { isObject: true, rowGroupSize: 3 }],
    ['compressed with GZIP', { isObject: true, codec: 'GZIP' }],
  ])('%s: texts and images are sent as they are stored, images by their own type', async (name, form) => {
    const file = join(root, `${name}.parquet`)
    writeParquet(file, rows, { images: ['jpg'], ...form })
    const { prompts, said } = await read(flickr8k, file)
    expect(prompts).toEqual([
      prompt(captions, 'image/jpeg', jpeg('one')),
      prompt('  kept as it is ', 'image/png', png('two')),
      prompt('c', 'image/webp', webp('three')),
      prompt('d', 'image/gif', gif('four')),
    ])
    expect(said).toEqual([])
  })

  test('of a column with bytes no more is unpacked at once than a MB, and each text stays with its image', async () => {
    const file = join(root, 'parts.parquet')
    const many = Array.from({ length: 30 }, (_, index) => ({
      jpg: jpeg(`${index} `.repeat(50_000)),
      txt: `text ${index}`,
    }))
    writeParquet(file, many, { images: ['jpg'], rowGroupSize: 25, codec: 'UNCOMPRESSED' })
    const context = createContext({ spec: 'flickr8k', path: file })
    const all = many.map(({ jpg, txt }) => prompt(txt, 'image/jpeg', jpg))
    expect(promptsOf(await take(flickr8k.open(context)))).toEqual(all)
    // The length of an image in the last page of the first row group.
    const bytes = readFileSync(file)
    bytes.writeUInt32LE(2 ** 31, bytes.indexOf(jpeg('24 24 ')) - 4)
    writeFileSync(file, bytes)
    expect(promptsOf(await take(flickr8k.open(context), 12))).toEqual(all.slice(0, 12))
    expect(await problemOf(flickr8k, file)).toContain('cannot be read as Parquet')
  })

  test('rows without an image or a text are skipped and told', async () => {
    const file = join(root, 'gaps.parquet')
    const empty: Row = { jpg: null, txt: 'a' }
    writeParquet(
      file,
      [
        empty,
        { jpg: jpeg('b'), txt: null },
        { jpg: Buffer.from('no image'), txt: 'c' },
        empty,
        { jpg: png('e'), txt: 'e' },
      ],
      { images: ['jpg'], isObject: true },
    )
    const { prompts, said } = await read(flickr8k, file)
    expect(prompts).toEqual([prompt('e', 'image/png', png('e'))])
    expect(said).toEqual([
      `${file}: row 1: skipped, it has no image`,
      `${file}: row 2: skipped, it has no text`,
      `${file}: row 3: skipped, its image is no PNG, JPEG, WebP or GIF`,
      `${file}: 4 rows skipped in all`,
    ])
  })

  test('row groups are read one after the other: what comes before a broken one is sent', async () => {
    const file = join(root, 'broken.parquet')
    const many = Array.from({ length: 6 }, (_, index) => ({ jpg: jpeg(`${index}`.repeat(5000)), txt: `text ${index}` }))
    writeParquet(file, many, { images: ['jpg'], isObject: true, rowGroupSize: 2, codec: 'UNCOMPRESSED' })
    const bytes = readFileSync(file)
    // The header of the page with the third image.
    const page = bytes.indexOf('2'.repeat(50))
    bytes.fill(0xff, page - 30, page)
    writeFileSync(file, bytes)
    const context = createContext({ spec: 'flickr8k', path: file })
    expect(await take(flickr8k.open(context), 2)).toHaveLength(2)
    expect(await problemOf(flickr8k, file)).toMatch(/broken\.parquet cannot be read as Parquet \(.+\); give a file/)
  })

  test.each<[string, () => void, string]>([
    [
      'other.parquet',
      () => writeParquet(join(root, 'other.parquet'), [{ photo: png(''), txt: 'a' }], { images: ['photo'] }),
      'has no column "jpg" for the images, but "photo", "txt"; give a file of this dataset',
    ],
    ['text.parquet', () => write(join(root, 'text.parquet'), 'a text, not a table'), 'cannot be read as Parquet ('],
    ['empty.parquet', () => write(join(root, 'empty.parquet'), ''), 'cannot be read as Parquet ('],
    [
      'none.parquet',
      () => writeParquet(join(root, 'none.parquet'), [{ jpg: null, txt: 'a' }], { images: ['jpg'] }),
      'no row has an image and a text; give another',
    ],
  ])('%s is refused in one line', async (name, make, problem) => {
    make()
    const message = await problemOf(flickr8k, join(root, name))
    expect(message).toContain(`${join(root, name)}`)
    expect(message).toContain(problem)
    expect(message).not.toContain('\n')
  })
})

describe('kontext_bench', () => {
  test('sends the instruction, or a default where there is none', async () => {
    const file = join(root, 'kontext.parquet')
    const rows = [
      { image: jpeg('a'), instruction: 'make it blue', category: 'x' },
      { image: png('b'), instruction: null, category: 'x' },
      { image: png('c'), instruction: ' ', category: 'x' },
    ]
    writeParquet(file, rows, { images: ['image'], isObject: true })
    expect((await read(kontextBench, file)).prompts).toEqual([
      prompt('make it blue', 'image/jpeg', jpeg('a')),
      prompt('Describe the image', 'image/png', png('b')),
      prompt('Describe the image', 'image/png', png('c')),
    ])
  })

  test('does so too where no row has one', async () => {
    const file = join(root, 'bare.parquet')
    writeParquet(file, [{ image: png('b') }], { images: ['image'], isObject: true })
    expect((await read(kontextBench, file)).prompts).toEqual([prompt('Describe the image', 'image/png', png('b'))])
  })

  test('is read from a directory with metadata.jsonl, as the repository has it', async () => {
    const directory = join(root, 'kontext-bench')
    const lines = [
      { file_name: 'images/0000.jpg', instruction: 'make it blue', key: '0000_00' },
      { file_name: 'images/0000.jpg', instruction: 'make it red', key: '0000_01' },
      { file_name: 'images/0002.jpg', instruction: 'not there' },
      { instruction: 'no name' },
    ]
    write(join(directory, 'test', 'metadata.jsonl'), lines.map(line => `${JSON.stringify(line)}\n`).join(''))
    write(join(directory, 'test', 'images', '0000.jpg'), jpeg('a'))
    write(join(directory, 'README.md'), '# about')
    const { prompts, said } = await read(kontextBench, directory)
    expect(prompts).toEqual([
      prompt('make it blue', 'image/jpeg', jpeg('a')),
      prompt('make it red', 'image/jpeg', jpeg('a')),
    ])
    const file = join(directory, 'test', 'metadata.jsonl')
    expect(said).toEqual([`${file}:3: skipped, it has no image`, `${file}:4: skipped, it has no image`])
    expect((await read(kontextBench, file)).prompts).toEqual(prompts)
  })
})

describe('WebDataset', () => {
  const sample = (key: string, text = key) => [
    { name: `${key}.jpg`, bytes: jpeg(key) },
    { name: `${key}.txt`, bytes: text },
  ]
  const longKey = `${'directory/'.repeat(14)}s0000005`

  test('files of one name are one sample, whatever else stands in the archive', async () => {
    const file = join(root, '0.tar')
    writeTar(file, [
      { name: 'test/', bytes: '', type: '5' },
      ...sample('test/s0000001', captions),
      { name: 'test/s0000001.cls', bytes: '7' },
      // Its size is a whole number of blocks.
      { name: 's0000002.TXT', bytes: 't'.repeat(1024) },
      { name: 's0000002.jpg', bytes: png('2') },
      { name: 's0000003.seg.txt', bytes: 'no text of the sample' },
      { name: 's0000003.jpg', bytes: png('3') },
      { name: 'pax', bytes: paxRecord('mtime', '1700000000.123') + paxRecord('path', 'äö4.jpg'), type: 'x' },
      { name: 'cut', bytes: jpeg('4') },
      { name: 'äö4.txt', bytes: 'four' },
      { name: '././@LongLink', bytes: `${longKey}.jpg\0`, type: 'L' },
      { name: longKey.slice(0, 100), bytes: jpeg('5') },
      { name: '././@LongLink', bytes: `${longKey}.txt\0`, type: 'L' },
      { name: longKey.slice(0, 100), bytes: 'five' },
    ])
    const { prompts, said } = await read(flickr8k, file)
    expect(prompts).toEqual([
      prompt(captions, 'image/jpeg', jpeg('test/s0000001')),
      prompt('t'.repeat(1024), 'image/png', png('2')),
      prompt('four', 'image/jpeg', jpeg('4')),
      prompt('five', 'image/jpeg', jpeg('5')),
    ])
    expect(said).toEqual([`${file}: sample s0000003: skipped, it has no text`])
  })

  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['cut within a file', bytes => bytes.subarray(0, 515)],
    ['cut within a header', bytes => bytes.subarray(0, 1100)],
    ['no archive', () => Buffer.from('a text '.repeat(100))],
    ['empty', () => Buffer.alloc(0)],
    ['with a bit that fell over', bytes => Buffer.concat([Buffer.from('S'), bytes.subarray(1)])],
  ])('an archive %s is refused in one line', async (name, spoil) => {
    const file = join(root, `${name}.tar`)
    writeTar(file, sample('s0'))
    writeFileSync(file, spoil(readFileSync(file)))
    expect(await problemOf(flickr8k, file)).toMatch(/\.tar is no whole tar archive \(byte \d+\); get it again/)
  })

  test('an archive without padding is whole', async () => {
    const file = join(root, 'bare.tar')
    writeTar(file, sample('s0'))
    writeFileSync(file, readFileSync(file).subarray(0, -1024))
    expect((await read(flickr8k, file)).prompts).toHaveLength(1)
  })

  test('of a directory the shards of its test split are read, in the order of their numbers', async () => {
    const directory = join(root, 'wds_flickr8k')
    for (const shard of ['9', '10']) writeTar(join(directory, 'test', `${shard}.tar`), sample(`s${shard}`))
    writeTar(join(directory, 'train', '0.tar'), sample('trained'))
    write(join(directory, 'test', 'nshards.txt'), '2')
    const texts = ['s9', 's10'].map(text => prompt(text, 'image/jpeg', jpeg(text)))
    expect((await read(flickr8k, directory)).prompts).toEqual(texts)
    expect((await read(flickr8k, join(directory, 'test'))).prompts).toEqual(texts)
  })
})

describe('a directory', () => {
  test('of Parquet files is read file by file, or its test split alone', async () => {
    const directory = join(root, 'tables')
    const rowsOf = (text: string) => [{ jpg: jpeg(text), txt: text }]
    for (const name of ['0001', '0000'])
      writeParquet(join(directory, `${name}.parquet`), rowsOf(name), { images: ['jpg'] })
    const texts = (names: readonly string[]) => names.map(name => prompt(name, 'image/jpeg', jpeg(name)))
    expect((await read(flickr8k, directory)).prompts).toEqual(texts(['0000', '0001']))
    for (const name of ['train-0', 'test-1', 'test-0']) {
      writeParquet(join(directory, `${name}.parquet`), rowsOf(name), { images: ['jpg'] })
    }
    expect((await read(flickr8k, directory)).prompts).toEqual(texts(['test-0', 'test-1']))
  })

  test.each<[string, string | undefined, string]>([
    ['none', undefined, '--dataset flickr8k needs --dataset-path: the test split of clip-benchmark/wds_flickr8k'],
    ['one without files', root, ' is a directory without .parquet files, .tar files (WebDataset) or a metadata.jsonl'],
    ['a file of another kind', 'photo.jpg', ' is none of the forms that images come in; give .parquet files, .tar'],
    ['a path to nowhere', 'nowhere', ' does not exist; give a file that does'],
  ])('%s is refused in one line', async (_what, path, problem) => {
    const empty = join(root, 'empty')
    write(join(empty, 'photo.jpg'), jpeg(''))
    const given = path === undefined ? undefined : path === root ? empty : join(empty, path)
    expect(await problemOf(flickr8k, given)).toContain(problem)
  })
})

test('hubs have the test splits', () => {
  expect(flickr8k.hubFile).toEqual({
    modelscope: { repository: 'clip-benchmark/wds_flickr8k', path: 'test/0.tar' },
    huggingface: {
      repository: 'clip-benchmark/wds_flickr8k',
      revision: 'refs/convert/parquet',
      path: 'default/test/0000.parquet',
    },
  })
  expect(Object.keys(kontextBench.hubFile ?? {})).toEqual(['huggingface'])
})
