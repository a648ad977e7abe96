import { readFileSync } from 'node:fs'
import { availableParallelism, hostname } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '../../arguments/endpoint.ts'
import { cacheDirectoryOf } from '../../hub/access.ts'
import { cpuQuotaCores, readTextFile } from '../../load/cpu-quota.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'
import { doctorFormat } from '../../model/machine-floor.ts'
import type { KnownFloor, KnownRung } from '../../stats/floor-note.ts'
import { version } from '../../version.ts'

/** What a floor is that of. */
export interface FloorPlace {
  readonly hostname: string
  readonly cores: number
  readonly cpuQuotaCores: number | undefined
  readonly evalscope: string
  readonly node: string
}

const thisPlace = (): FloorPlace => ({
  hostname: hostname(),
  cores: availableParallelism(),
  cpuQuotaCores: cpuQuotaCores(readTextFile),
  evalscope: version(),
  node: process.version,
})

/**
 * What the doctor last found on this machine; undefined where it never ran or another version did, and for a file that it
 * did not write.
 */
export const readFloor = (env: Environment, place = thisPlace()): KnownFloor | undefined => {
  try {
    return knownFloor(JSON.parse(readFileSync(floorPath(env), 'utf8')) as JsonValue, place)
  } catch {
    return undefined
  }
}

/** Where the doctor keeps what it finds. */
export const floorPath = (env: Environment): string => join(cacheDirectoryOf(env), 'doctor.json')

const knownFloor = (kept: JsonValue, place: FloorPlace): KnownFloor | undefined => {
  if (!isJsonObject(kept) || kept.format !== doctorFormat || typeof kept.examined_at !== 'string') return undefined
  if (!isOf(kept, place)) return undefined
  const rungs = objectsIn(kept.ladders).flatMap(ladder => objectsIn(ladder.rungs).flatMap(knownRung))
  return rungs.length === 0 ? undefined : { date: kept.examined_at.slice(0, 10), rungs }
}

/** A cache may be shared by machines, or by containers of one name, each with a floor of its own. */
const isOf = ({ machine, versions }: JsonObject, place: FloorPlace): boolean =>
  isJsonObject(machine) &&
  isJsonObject(versions) &&
  machine.hostname === place.hostname &&
  machine.cores === place.cores &&
  (machine.cpu_quota_cores ?? undefined) === place.cpuQuotaCores &&
  versions.evalscope === place.evalscope &&
  versions.node === place.node

/** Nothing where the server was the limit. */
const knownRung = ({ streams, added_ttft_ms, added_itl_ms }: JsonObject): readonly KnownRung[] => {
  const [ttftMs, itlMs] = [added_ttft_ms, added_itl_ms].map(floor => (isJsonObject(floor) ? floor.p50 : undefined))
  if (typeof streams !== 'number' || typeof ttftMs !== 'number' || typeof itlMs !== 'number') return []
  return [{ streams, addedTtftMs: { p50: ttftMs }, addedItlMs: { p50: itlMs } }]
}

const objectsIn = (value: JsonValue | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : []
