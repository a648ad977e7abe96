import { closeSync, openSync, read, rmSync, write } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const readAt = promisify(read)
const writeAt = promisify(write)

/** Characters of lines that are joined into one block, which takes 0.2 ms and comes during the run. */
const blockChars = 2 ** 18
/** Blocks stay in memory up to here: some 10 000 answers of 500 tokens. */
const memoryBytes = 2 ** 26

/** A block of whole lines: in memory, or on its way to the file or there. */
interface Block {
  readonly byteLength: number
  bytes: Buffer | undefined
  readonly position: number | undefined
}

/**
 * Lines of text that wait until a run is over: in memory while they are few, and in a file that has lost its name as
 * soon as it is made, so that nothing is left of it, not even when we are killed. Writing never waits for the disk.
 */
export class Backlog {
  readonly #path: string
  readonly #memoryBytes: number
  readonly #blocks: Block[] = []
  readonly #writes: Promise<unknown>[] = []
  #lines: string[] = []
  #chars = 0
  #count = 0
  #keptBytes = 0
  #fileBytes = 0
  #file: number | undefined
  #hasFailed = false

  /** The file stands in `directory`, which is a disk; a temporary one is often memory. */
  constructor(directory: string, limitBytes = memoryBytes) {
    this.#path = join(directory, 'waiting-answers.tmp')
    this.#memoryBytes = limitBytes
  }

  /** Lines that were taken. */
  get count(): number {
    return this.#count
  }

  /** Takes a line without line breaks; false where the disk takes no more. */
  add(line: string): boolean {
    if (this.#hasFailed) return false
    this.#lines.push(line)
    this.#count++
    this.#chars += line.length
    if (this.#chars >= blockChars) this.#endBlock()
    return true
  }

  /** Gives all lines back in their order, a block at a time, and lets go of them. */
  async *read(): AsyncGenerator<readonly string[]> {
    await Promise.all(this.#writes.splice(0))
    for (const block of this.#blocks.splice(0)) yield (await this.#bytesOf(block)).toString().split('\n')
    const rest = this.#lines
    this.#lines = []
    if (rest.length > 0) yield rest
    if (this.#file === undefined) return
    closeSync(this.#file)
    removeName(this.#path)
    this.#file = undefined
  }

  #endBlock(): void {
    const bytes = Buffer.from(this.#lines.join('\n'))
    this.#lines = []
    this.#chars = 0
    const isKept = this.#keptBytes + bytes.length <= this.#memoryBytes
    const block: Block = { byteLength: bytes.length, bytes, position: isKept ? undefined : this.#fileBytes }
    this.#blocks.push(block)
    if (isKept) this.#keptBytes += bytes.length
    else this.#writeOut(block, bytes)
  }

  /** What could not be written stays in memory, and nothing more is taken. */
  #writeOut(block: Block, bytes: Buffer): void {
    const position = this.#fileBytes
    this.#fileBytes += bytes.length
    const written = async (): Promise<void> => {
      this.#file ??= openNameless(this.#path)
      const { bytesWritten } = await writeAt(this.#file, bytes, 0, bytes.length, position)
      if (bytesWritten === bytes.length) block.bytes = undefined
      else this.#hasFailed = true
    }
    this.#writes.push(
      written().catch(() => {
        this.#hasFailed = true
      }),
    )
  }

  async #bytesOf({ bytes, byteLength, position }: Block): Promise<Buffer> {
    if (bytes !== undefined || this.#file === undefined) return bytes ?? Buffer.alloc(0)
    const buffer = Buffer.alloc(byteLength)
    await readAt(this.#file, buffer, 0, byteLength, position ?? 0)
    return buffer
  }
}

const openNameless = (path: string): number => {
  const file = openSync(path, 'wx+')
  removeName(path)
  return file
}

/** Windows keeps the name of an open file. */
const removeName = (path: string): void => {
  try {
    rmSync(path, { force: true })
  } catch {}
}
