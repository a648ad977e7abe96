/** What an SLA search changes from value to value. */
export type SlaVariable = 'parallel' | 'rate'
