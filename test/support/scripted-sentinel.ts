import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface ScriptedSentinel {
  readonly port: number;
  close(): Promise<void>;
}

/** Words of the calls in what came so far, and what is left of an unfinished one. */
const readCalls = (text: string): { readonly calls: readonly (readonly string[])[]; readonly rest: string } => {
  const calls: string[][] = [];
  let rest = text;
  for (;;) {
    const count = Number(/^\*(\d+)\r\n/.exec(rest)?.[1] ?? 0);
    const call = new RegExp(`^\\*\\d+\\r\\n(?:\\$\\d+\\r\\n[^\\r]*\\r\\n){${String(count)}}`).exec(rest)?.[0];
    if (count === 0 || call === undefined) return { calls, rest };
    calls.push(call.split('\r\n').slice(1, -1).filter((_line, at) => at % 2 === 1));
    rest = rest.slice(call.length);
  }
};
const bulk = (text: string): string => `$${String(text.length)}\r\n${text}\r\n`;
const array = (...items: readonly string[]): string => `*${String(items.length)}\r\n${items.join('')}`;
/** What nobody asked for, as RESP3 marks it. */
const push = (...items: readonly string[]): string => array(...items).replace('*', '>');

/**
 * A Sentinel that names the master whose port `masterAt` gives for the n-th question, from 1. From the second on it first tells all who listen
 * that the master has changed, and gives them time to hear it, as happens when a failover ends at the moment of a question.
 */
export const startScriptedSentinel = async (name: string, masterAt: (nth: number) => number): Promise<ScriptedSentinel> => {
  const open = new Set<Socket>();
  const listeners = new Set<Socket>();
  let asked = 0;
  const answer = (socket: Socket, [command = '', what = '']: readonly string[]): void => {
    if (command.toLowerCase() === 'subscribe') {
      listeners.add(socket);
      socket.write(push(bulk('subscribe'), bulk(what), ':1\r\n'));
    } else if (command.toLowerCase() !== 'sentinel') socket.write('+OK\r\n');
    else if (what.toLowerCase() === 'sentinels') socket.write('*0\r\n');
    else {
      const port = String(masterAt(asked += 1));
      if (asked > 1) for (const listener of listeners) listener.write(push(bulk('message'), bulk('+switch-master'), bulk(`${name} 127.0.0.1 1 127.0.0.1 ${port}`)));
      setTimeout(() => { socket.write(array(bulk('127.0.0.1'), bulk(port))); }, asked > 1 ? 200 : 0);
    }
  };
  const server = createServer((socket) => {
    let text = '';
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => { open.delete(socket); listeners.delete(socket); });
    socket.on('data', (chunk: Buffer) => {
      const { calls, rest } = readCalls(text + chunk.toString());
      text = rest;
      for (const call of calls) answer(socket, call);
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => {
      for (const socket of open) socket.destroy();
      server.close(() => { resolve(); });
    }),
  };
};
