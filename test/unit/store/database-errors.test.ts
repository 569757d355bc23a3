import { describe, expect, it } from '@jest/globals';
import { UnavailableError } from '../../../src/errors/gateway-error.js';
import { Database } from '../../../src/store/database.js';
import { orUnavailable } from '../../../src/store/database-errors.js';

const failing = (code: string): Promise<never> => Promise.reject(Object.assign(new Error('failed'), { code }));

describe('orUnavailable', () => {
  it.each(['08006', '57P01', '53300', '25006', '40P01', 'ECONNREFUSED', 'ECONNRESET'])('says "not now" for %s', async (code) => {
    await expect(orUnavailable(failing(code))).rejects.toThrow(UnavailableError);
  });

  it.each(['23505', '22P02', '42P01', 'OG001'])('leaves %s what it is', async (code) => {
    await expect(orUnavailable(failing(code))).rejects.toMatchObject({ code });
  });

  it('knows a server that is not there', async () => {
    // Port 1 is privileged and unused: the connection is refused at once.
    const database = new Database({ url: 'postgres://nobody@127.0.0.1:1/none', poolSize: 1, applicationName: 'test' });
    await expect(orUnavailable(database.query('SELECT 1'))).rejects.toThrow(UnavailableError);
    await database.close();
  });
});
