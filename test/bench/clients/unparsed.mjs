// undici's `dispatch` alone.
import { runDispatch } from './dispatch.mjs'
import { readNothing } from './readers.mjs'

/** Puts `load` on the source. */
export const run = (load, meter) => runDispatch(load, meter, readNothing)
