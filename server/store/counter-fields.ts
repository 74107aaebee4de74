/**
 * The counters of a delta's cell and of a row. Their places are their numbers in the file of history: new ones go to the
 * end, and none may leave.
 */
export const counterFields = [
  'success',
  'failure',
  'actualSuccess',
  'actualFailure',
  'denied',
  'limited',
  'unrouted',
  'tcpOpened',
  'tcpClosed',
  'readBytes',
  'writeBytes',
] as const
