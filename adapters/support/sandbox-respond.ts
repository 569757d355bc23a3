import type { ServerResponse } from 'node:http';
import type { WireAnswer } from './sandbox-answers.js';

export const sendAnswer = (response: ServerResponse, answer: WireAnswer): void => {
  if (response.destroyed) return;
  const body = Buffer.from(answer.body, 'utf8');
  response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length });
  response.end(body);
};

/** Answers later, unless the caller has hung up by then. */
export const sendLater = (response: ServerResponse, answer: WireAnswer, delayMs: number): void => {
  const timer = setTimeout(() => { sendAnswer(response, answer); }, delayMs);
  response.on('close', () => { clearTimeout(timer); });
};

/** One byte at a time: every byte in time, the whole never. */
export const dripAnswer = (response: ServerResponse, answer: WireAnswer, everyMs: number): void => {
  const body = Buffer.from(answer.body, 'utf8');
  response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length });
  let sent = 0;
  const timer = setInterval(() => {
    response.write(body.subarray(sent, sent + 1));
    sent += 1;
    if (sent < body.length) return;
    clearInterval(timer);
    response.end();
  }, everyMs);
  response.on('close', () => { clearInterval(timer); });
};

/** Ends the connection with a TCP reset, as a crashed process does. */
export const resetConnection = (response: ServerResponse): void => {
  response.socket?.resetAndDestroy();
};
