// undici's `dispatch` alone: the bytes are counted and dropped.
import { runDispatch } from './dispatch.mjs'

/** Puts `load` on the source. */
export const run = (load, meter) =>
  runDispatch(load, meter, counts => ({
    data: () => {
      counts.chunks++
    },
    end: () => {
      // The tail of a stream comes as two pieces.
      counts.chunks -= load.kind === 'plain' ? 1 : 2
    },
  }))
