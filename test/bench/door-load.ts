import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';

export interface Load {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly seconds: number;
}

const AUTOCANNON = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'node_modules', 'autocannon', 'autocannon.js');

/** Requests a second that a server answers with 200, asked by autocannon in a process of its own over 32 connections. */
export const measureLoad = ({ url, body, headers, seconds }: Load): Promise<number> =>
  new Promise((fulfil, reject) => {
    const words = Object.entries({ 'content-type': 'application/json', ...headers }).flatMap(([name, value]) => ['-H', `${name}=${value}`]);
    const child = spawn(process.execPath, [AUTOCANNON, '-c', '32', '-d', String(seconds), '-m', 'POST', '-b', body, ...words, '--json', '-n', url], { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', () => {
      try {
        const result = JSON.parse(text) as { '2xx': number; non2xx: number; errors: number; duration: number };
        if (result.non2xx > 0 || result.errors > 0) reject(new Error(`${url} answered ${result.non2xx} times not with 200, ${result.errors} errors`));
        else fulfil(result['2xx'] / result.duration);
      } catch (cause) {
        reject(new Error(`autocannon said no JSON: ${text.slice(0, 200)}`, { cause }));
      }
    });
  });
