import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Environment } from '../../arguments/endpoint.ts'
import { reasonOf } from '../../errors.ts'
import type { DoctorReport } from '../../model/machine-floor.ts'
import { doctorJson } from '../../report/doctor-json.ts'
import { floorPath } from './kept-floor.ts'

/** Keeps what the doctor found for later runs; gives the line that says so, or that it could not. */
export const keepFloor = (report: DoctorReport, env: Environment): string => {
  const path = floorPath(env)
  try {
    mkdirSync(dirname(path), { recursive: true })
    // A run that begins meanwhile reads the old file or the new one.
    const written = `${path}.${process.pid}`
    writeFileSync(written, `${JSON.stringify(doctorJson(report), null, 2)}\n`)
    renameSync(written, path)
    return `kept in ${path}: later runs say when they come near this floor`
  } catch (error) {
    return `not kept for later runs: ${reasonOf(error)}`
  }
}
