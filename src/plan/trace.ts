import type { ArgumentValues } from '../arguments/arguments.ts'
import { ArgumentsError } from '../errors.ts'

/** Throws `ArgumentsError` for flags that go against a dataset with times of its own. */
export const checkTraceFlags = ({ dataset, rate, rampUp, datasetOffset, from }: ArgumentValues): void => {
  if (rate !== undefined) {
    const given = `--rate ${rate.join(' ')}`
    throw new ArgumentsError(
      `--dataset ${dataset} has times of its own, got ${given}; leave that out (--dataset-args '{"speed": 2}' is twice as fast)`,
    )
  }
  if (rampUp > 0) {
    throw new ArgumentsError(`--dataset ${dataset} has times of its own, got --ramp-up ${rampUp}; leave that out`)
  }
  // A later run of a sweep, made again: its records are those of any, but its drawn lengths go on where they were.
  if (datasetOffset > 0 && from === undefined) {
    throw new ArgumentsError(
      `--dataset ${dataset} begins with its first record, got --dataset-offset ${datasetOffset}; leave that out`,
    )
  }
}

/** The line that says that a trace of `size` records has fewer than were asked for; undefined where it has not. */
export const shortTraceLine = ({ number }: ArgumentValues, size: number): string | undefined => {
  const most = Math.max(0, ...(number ?? []))
  const records = size === 1 ? '1 record, which is' : `${size} records, which are`
  return most > size ? `--number ${most}: the trace has ${records} sent once` : undefined
}
