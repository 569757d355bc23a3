/** What adapters need of a logger; pino's has this shape. Messages are static text, data goes into fields and is never personal. */
export interface PartyLogger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}
