/** The baseline of the delivery bench: a BullMQ worker that posts the body of its job and nothing else. Arguments: sandbox, concurrency, carrier, address. */
import { Worker, createPostgresBackend } from 'bullmq';
import type { Job } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { Pool } from 'undici';

const [sandbox = '', concurrency = '', carrier = '', address = '', username = '', password = ''] = process.argv.slice(2);
const path = '/XrdAdapter/RestService/forward';
const query = '?dstcode=VN:GOV:000.00.00.G22:vpcpdvcprovider';
const headers = { 'content-type': 'application/json', accept: 'application/json' };
const client = new Pool(sandbox, { connections: Number(concurrency) });
const login = await client.request({ method: 'POST', path: `${path}/mapi/login${query}`, headers, body: JSON.stringify({ username, password }) });
const { session } = (await login.body.json()) as { session: string };

const post = async (job: Job): Promise<void> => {
  const { madonvi, item } = job.data as { madonvi: string; item: object };
  const reply = await client.request({
    method: 'POST', path: `${path}/mapi/g${query}`, headers, body: JSON.stringify({ session, madonvi, service: 'DongBoHoSoMC', isUpdating: 'False', data: [item] }),
  });
  const answer = (await reply.body.json()) as { error_code: unknown };
  if (Number(answer.error_code) !== 0) throw new Error(`refused: ${JSON.stringify(answer)}`);
};

if (carrier === 'redis') {
  new Worker('bare', post, { connection: new Redis(address, { maxRetriesPerRequest: null }), concurrency: Number(concurrency), removeOnComplete: { count: 0 } });
} else {
  const pool = new pg.Pool({ connectionString: address, options: '-c search_path=bullmq,public', max: Number(concurrency) + 4 });
  new Worker('bare', post, { connection: pool as never, concurrency: Number(concurrency), removeOnComplete: { count: 0 } }, createPostgresBackend);
}
