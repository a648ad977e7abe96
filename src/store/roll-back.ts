import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'

const magic = Buffer.from('d9d505f920a163d7', 'hex')
const headerBytes = 28
/** Every so many bytes one counts for the checksum of a page. */
const checksumStep = 200

/** A header of a rollback journal, as SQLite's description of its file format has it. */
interface JournalHeader {
  /** Pages that follow; undefined where all to the end of the file do. */
  readonly pages: number | undefined
  readonly nonce: number
  /** Pages of the database before the transaction. */
  readonly databasePages: number
  readonly sectorBytes: number
  readonly pageBytes: number
}

/**
 * Undoes the commit in which the writer of a database was killed, from the journal beside it, which goes. Nobody else may
 * have the file open. node-sqlite3-wasm never does this by itself: it takes its own lock, a directory, for that of a
 * living writer, and reads half a commit.
 */
export const rollBack = (path: string): void => {
  const journalPath = `${path}-journal`
  if (!existsSync(journalPath)) return
  const journal = readFileSync(journalPath)
  const first = headerAt(journal, 0)
  if (first !== undefined) {
    const database = openSync(path, 'r+')
    try {
      for (const { page, content } of pagesOf(journal, first)) {
        writeSync(database, content, 0, content.length, (page - 1) * first.pageBytes)
      }
      ftruncateSync(database, first.databasePages * first.pageBytes)
    } finally {
      closeSync(database)
    }
  }
  rmSync(journalPath)
}

/** Undefined where there is none: that of a transaction that was completed is overwritten with zeros. */
const headerAt = (journal: Buffer, offset: number): JournalHeader | undefined => {
  if (journal.length < offset + headerBytes || !journal.subarray(offset, offset + 8).equals(magic)) return undefined
  const [pages, nonce, databasePages, sectorBytes, pageBytes] = [8, 12, 16, 20, 24].map(at =>
    journal.readUInt32BE(offset + at),
  ) as [number, number, number, number, number]
  if (!isSize(sectorBytes, 32) || !isSize(pageBytes, 512)) return undefined
  return { pages: pages === 0xffffffff ? undefined : pages, nonce, databasePages, sectorBytes, pageBytes }
}

const isSize = (bytes: number, least: number): boolean =>
  bytes >= least && bytes <= 65536 && Number.isInteger(Math.log2(bytes))

/** What the pages were before the transaction, up to the first that was not written whole. */
function* pagesOf(journal: Buffer, first: JournalHeader): Generator<{ page: number; content: Buffer }> {
  const { pageBytes, sectorBytes, databasePages } = first
  const recordBytes = pageBytes + 8
  let headerOffset = 0
  for (let header: JournalHeader | undefined = first; header !== undefined; header = headerAt(journal, headerOffset)) {
    let offset = headerOffset + sectorBytes
    for (let index = 0; index < (header.pages ?? Number.POSITIVE_INFINITY); index++) {
      if (offset + recordBytes > journal.length) return
      const page = journal.readUInt32BE(offset)
      const content = journal.subarray(offset + 4, offset + 4 + pageBytes)
      if (page === 0 || journal.readUInt32BE(offset + 4 + pageBytes) !== checksum(content, header.nonce)) return
      if (page <= databasePages) yield { page, content }
      offset += recordBytes
    }
    headerOffset = Math.ceil(offset / sectorBytes) * sectorBytes
  }
}

const checksum = (content: Buffer, nonce: number): number => {
  let sum = nonce
  for (let at = content.length - checksumStep; at > 0; at -= checksumStep) sum += content[at] as number
  return sum >>> 0
}
