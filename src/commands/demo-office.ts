import { randomUUID } from 'node:crypto';
import type { Config } from '../config.js';
import { createLogger } from '../observability/logger.js';
import type { Composition } from './composition.js';

/** Where the demo province's service centre has its post collected; invented but for the names of province and ward. */
const DEMO_OFFICE = {
  name: 'Trung tâm Phục vụ hành chính công tỉnh Ninh Bình (minh hoạ)', phone: '02293871234', email: null,
  address: { epoch: 'TWO_LEVEL', province: 'Ninh Bình', district: null, commune: 'Phường Hoa Lư', street: 'Số 1, đường Trần Hưng Đạo' },
} as const;
const DEMO_PROVINCE = 'H42';

/** Gives a new demo a postal office for all its agencies; nothing where one is known, or for another province. */
export const seedOffice = async (composition: Composition, config: Config): Promise<void> => {
  if (config.core.tenantAgencyCodes[0] !== DEMO_PROVINCE) return;
  await composition.withPostalDesk(config, createLogger('silent'), async ({ offices }) => {
    if ((await offices.officeOf([DEMO_PROVINCE])) !== null) return;
    const call = { caller: { client: 'user:demo-operator', role: 'operator', agencyScope: null }, correlationId: randomUUID(), idempotencyKey: randomUUID(), reason: 'bộ phận minh hoạ' } as const;
    const answer = await offices.set(call, DEMO_PROVINCE, DEMO_OFFICE);
    if (answer.kind === 'refused') throw new Error(`The demo's postal office was refused: ${answer.problems.map(({ field, code }) => `${field} ${code}`).join(', ')}`);
  });
};
