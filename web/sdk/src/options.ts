// Looks at what a page says: it may be written in JavaScript, so that anything may come.
import { SDKError } from './result';

/** Reads the members of what a function was given. */
export class Options {
  #function: string;
  #members: Record<string, unknown>;

  constructor(name: string, given: unknown) {
    if (given === null || typeof given !== 'object') {
      throw new SDKError('badRequest', `${name} takes an object, such as {sessionId: '...'}`);
    }
    this.#function = name;
    this.#members = given as Record<string, unknown>;
  }

  /** A text that must be there. */
  text(member: string): string {
    return this.optionalText(member) ?? this.#wrong(`"${member}" is missing`);
  }

  /** A text, or undefined where it is missing, null or empty. Numbers will do: ids are often kept as such. */
  optionalText(member: string): string | undefined {
    const value = this.#members[member];
    if (value === undefined || value === null || value === '') {
      return undefined;
    }
    if (typeof value === 'number') {
      return String(value);
    }
    return typeof value === 'string' ? value : this.#wrong(`"${member}" must be a text`);
  }

  texts(member: string): string[] | undefined {
    const value = this.#members[member] ?? undefined;
    if (value !== undefined && !(Array.isArray(value) && value.every((v) => typeof v === 'string'))) {
      this.#wrong(`"${member}" must be a list of texts`);
    }
    return value as string[] | undefined;
  }

  flag(member: string): boolean | undefined {
    const value = this.#members[member] ?? undefined;
    if (value !== undefined && typeof value !== 'boolean') {
      this.#wrong(`"${member}" must be true or false`);
    }
    return value as boolean | undefined;
  }

  /** One of some values; undefined where it is missing. */
  oneOf(member: string, values: string[]): string | undefined {
    const value = this.optionalText(member);
    if (value !== undefined && !values.includes(value)) {
      this.#wrong(`"${member}" must be one of ${values.join(', ')}`);
    }
    return value;
  }

  #wrong(what: string): never { throw new SDKError('badRequest', `${this.#function}: ${what}`); }
}
