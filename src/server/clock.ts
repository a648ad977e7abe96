/** The machine's monotonic clock in ms (CLOCK_MONOTONIC): comparable between the processes of one machine. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6

const napCell = new Int32Array(new SharedArrayBuffer(4))

/** Blocks this thread; exact to about 0.1 ms where a timer has a grain of 1 ms. Leaves the core to others, unlike a spin. */
export const nap = (durationMs: number): void => {
  Atomics.wait(napCell, 0, 0, durationMs)
}
