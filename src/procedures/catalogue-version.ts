/**
 * Which state of the catalogue is committed now. Calls share a statement, but only one that was sent after each of them had asked: the
 * answer is never older than the question, and a busy process sends one statement for many calls.
 */
export class CatalogueVersion {
  readonly #read: () => Promise<string>;
  #running: Promise<unknown> | null = null;
  #next: Promise<string> | null = null;

  constructor(read: () => Promise<string>) {
    this.#read = read;
  }

  current(): Promise<string> {
    this.#next ??= this.#readNext();
    return this.#next;
  }

  async #readNext(): Promise<string> {
    // Whatever became of the statement before, it says nothing to who asked after it was sent.
    await this.#running?.catch(() => undefined);
    // Calls that arrive in the same turn of the event loop may still join.
    await new Promise<void>((fulfil) => { setImmediate(fulfil); });
    const sent = this.#read();
    this.#running = sent;
    this.#next = null;
    return sent;
  }
}
