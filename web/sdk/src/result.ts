// What the SDK's promises resolve and reject with.
import type { Failure, Success } from '../tccc';
import { ProtocolError } from '../../phone/protocol.js';

/** SDKError is a rejection: a sentence for people and, as in docs/protocol.md, a code for programs. */
export class SDKError extends Error implements Failure {
  readonly status = 'error';
  readonly errorMsg: string;
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'SDKError';
    this.code = code;
    this.errorMsg = message;
  }
}

/** Pages read the fields in data or beside it. */
export function success<Data extends object>(data: Data): Success<Data> {
  return { ...data, status: 'success', data } as Success<Data>;
}

/** Does what a page asked for; whatever is wrong becomes an SDKError. */
export async function answer<Data extends object>(action: () => Promise<Data | void>): Promise<Success<Data>> {
  try {
    return success((await action() ?? {}) as Data);
  } catch (error) {
    throw asSDKError(error);
  }
}

export function asSDKError(error: unknown): SDKError {
  if (error instanceof SDKError) {
    return error;
  }
  const code = error instanceof ProtocolError ? error.code : 'internal';
  return new SDKError(code, error instanceof Error ? error.message : String(error));
}
