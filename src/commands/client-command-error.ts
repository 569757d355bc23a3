/** A command about clients that was refused, in a sentence. */
export class ClientCommandError extends Error {
  override readonly name = 'ClientCommandError';
}
