import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CallbackReceiver, CallbackReply, CallbackRequest } from '../../src/callbacks/callback-receiver-port.js';
import type { QuestionReceiver } from '../../src/callbacks/question-port.js';

/** What a receiver made of one message. */
export interface Heard<Message> {
  readonly verification: string;
  readonly uniqueKey: string | null;
  readonly message: Message | null;
}

type Door = (request: CallbackRequest) => CallbackReply | Promise<CallbackReply>;

/** Our door as a party sees it, over real HTTP, for receivers alone; the inbox has tests of its own. */
export interface Listener {
  /** Up to and including `/callbacks/<party>`. */
  readonly address: string;
  /** The next one is hung up on. */
  breakNext(times: number): void;
  close(): Promise<void>;
}

export const receiverDoor = <Message>(
  receiver: CallbackReceiver<Message>,
  { heard, code }: { readonly heard: Heard<Message>[]; readonly code: (message: Message) => readonly ['applied' | 'refused', string] },
): Door => (request) => {
  const verification = receiver.verify(request);
  if (verification.kind === 'refused') {
    heard.push({ verification: verification.reason, uniqueKey: null, message: null });
    return receiver.reply('unverified', verification.reason, request.bytes);
  }
  const message = receiver.read(request.bytes);
  heard.push({ verification: 'verified', uniqueKey: verification.uniqueKey, message });
  return message === null ? receiver.reply('unreadable', null, request.bytes) : receiver.reply(...code(message), request.bytes);
};

export const questionDoor = <Question, Answer>(receiver: QuestionReceiver<Question, Answer>, answer: (question: Question) => Promise<Answer>): Door => async (request) => {
  const verification = receiver.verify(request);
  if (verification.kind === 'refused') return receiver.fail('unverified', verification.reason);
  const question = receiver.read(request.bytes);
  return question === null ? receiver.fail('unreadable') : receiver.reply(await answer(question), question);
};

const bytesOf = async (request: AsyncIterable<Buffer>): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** @param doors by the last part of the route */
export const listen = async (party: string, doors: Readonly<Record<string, Door>>): Promise<Listener> => {
  let broken = 0;
  const server: Server = createServer((request, response) => {
    // `/callbacks/<party>/<kind>`, and a secret behind it where the receiver takes one.
    const [, , , kind = '', pathSecret] = (request.url ?? '').split('/');
    const door = doors[kind];
    const answer = async (): Promise<void> => {
      const bytes = await bytesOf(request);
      if (broken > 0 || door === undefined) {
        broken -= 1;
        response.destroy();
        return;
      }
      const headers = Object.fromEntries(Object.entries(request.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
      const { status, contentType, body } = await door({ bytes, headers, peer: { address: '127.0.0.1', certificate: null }, ...(pathSecret === undefined ? {} : { pathSecret }) });
      response.writeHead(status, { 'content-type': contentType }).end(body);
    };
    answer().catch(() => { response.destroy(); });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callbacks/${party}`,
    breakNext: (times) => { broken = times; },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => { server.close(resolve); });
    },
  };
};
