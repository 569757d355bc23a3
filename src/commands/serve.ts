import { processEnv } from '../config.js';
import { readCheckedConfig } from './checked-config.js';
import type { Composition, GatewayRoles } from './composition.js';
import { withLifecycle } from './lifecycle.js';
import { openHttp, startBehind } from './run-process.js';

/** `serve` and `worker`: one process of many, on servers that exist. Returns when a signal has stopped it. */
export const runProcess = (composition: Composition, roles: GatewayRoles): Promise<void> =>
  withLifecycle(async (lifecycle) => {
    const config = await readCheckedConfig(processEnv(), composition);
    const http = await openHttp({ config, lifecycle, roles });
    await startBehind(http, { config, composition, roles, lifecycle });
    await lifecycle.untilSignal();
  });
