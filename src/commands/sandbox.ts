import type { Composition, SandboxOptions } from './composition.js';
import { withLifecycle } from './lifecycle.js';

/** `sandbox <party>`: the party's counterpart on its own, for whoever develops against it. */
export const runSandbox = (composition: Composition, party: string, options: SandboxOptions): Promise<void> =>
  withLifecycle(async (lifecycle) => {
    const sandbox = await composition.startSandbox(party, options);
    lifecycle.onStop('sandbox', () => sandbox.close());
    console.log(`Sandbox of ${party} at ${sandbox.url}; control calls under ${sandbox.url}/control/state\n\nEnvironment for a gateway that shall use it:`);
    for (const [key, value] of Object.entries(sandbox.environment)) console.log(`  ${key}=${value ?? ''}`);
    await lifecycle.untilSignal();
  });
