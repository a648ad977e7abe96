/** Medians in ms. */
export declare const measureStartup: (
  rounds: number,
  withNpx?: boolean,
) => Promise<{ bare: number; version: number; help: number; firstRequest: number; npx?: number }>
