// Errors that are the client's fault: their text goes over the wire. Knows no command and no connection.
// Every fixed text that more than one command uses stands here.

/**
 * Thrown anywhere below dispatch, caught once in dispatch and sent as `-<message>`. It does not extend Error:
 * capturing a stack would cost ten times the throw itself.
 */
export class ReplyError {
  /** The whole reply after `-`, its code first: `ERR syntax error`. Bytes as latin1. */
  readonly message: string

  constructor(message: string) {
    this.message = message
  }
}

export const SYNTAX_ERROR = new ReplyError('ERR syntax error')
export const WRONG_TYPE = new ReplyError('WRONGTYPE Operation against a key holding the wrong kind of value')
export const NOT_AN_INTEGER = new ReplyError('ERR value is not an integer or out of range')
export const NOT_A_FLOAT = new ReplyError('ERR value is not a valid float')
export const NOT_POSITIVE = new ReplyError('ERR value is out of range, must be positive')
export const NO_SUCH_KEY = new ReplyError('ERR no such key')
export const SAME_OBJECT = new ReplyError('ERR source and destination objects are the same')
export const INVALID_CURSOR = new ReplyError('ERR invalid cursor')
export const INVALID_DATABASE = new ReplyError('ERR DB index is out of range')
export const STRING_TOO_LONG = new ReplyError('ERR string exceeds maximum allowed size (proto-max-bulk-len)')

export const LOADING_DATA = new ReplyError('LOADING Redis is loading the dataset in memory')
