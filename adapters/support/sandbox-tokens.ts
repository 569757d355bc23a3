import { randomUUID } from 'node:crypto';

/** Sessions and tokens that a sandbox handed out, with their end. */
export class TokenBook {
  readonly #endsAt = new Map<string, number>();
  readonly #lifeMs: number;
  issued = 0;

  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs;
  }

  issue(): string {
    const token = randomUUID();
    this.issued += 1;
    this.#endsAt.set(token, Date.now() + this.#lifeMs);
    return token;
  }

  isValid(token: string): boolean {
    return (this.#endsAt.get(token) ?? 0) > Date.now();
  }

  revokeAll(): void {
    this.#endsAt.clear();
  }
}
