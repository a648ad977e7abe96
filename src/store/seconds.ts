/** µs as the seconds that rows hold; at most six decimals. */
export const toSeconds = (us: number): number => us / 1e6

/** Seconds of a row as the same µs that were written; exact for epoch times until the year 2100 and beyond. */
export const toMicroseconds = (seconds: number): number => Math.round(seconds * 1e6)

/** The same where there may be none. */
export const secondsOrNull = (us: number | undefined): number | null => (us === undefined ? null : toSeconds(us))
