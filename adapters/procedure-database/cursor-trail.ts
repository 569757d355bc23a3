/** What a cursor given by the party means. */
export type CursorStep = 'moves' | 'ends' | 'jumps-back';

/**
 * The cursors asked for in one listing, in order. A cursor that does not move is the end; one that was asked before would lead round
 * for ever, and taken for the end it would make a part of the list look like the whole.
 */
export class CursorTrail {
  #asked: string[] = [];

  /** Begins a listing (null), or goes on from a cursor: also from an earlier one, after a repeated page or a crash. */
  ask(cursor: string | null): void {
    if (cursor === null) {
      this.#asked = [];
      return;
    }
    const at = this.#asked.indexOf(cursor);
    this.#asked = at === -1 ? [...this.#asked, cursor] : this.#asked.slice(0, at + 1);
  }

  judge(asked: string | null, next: string | null): CursorStep {
    if (next === null || next === asked) return 'ends';
    return this.#asked.includes(next) ? 'jumps-back' : 'moves';
  }
}
