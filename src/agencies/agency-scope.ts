import type { Caller } from '../access/caller.js';
import type { AccessAttemptStore } from './access-attempt-store.js';
import type { AgencyDirectory } from './agency-directory.js';
import type { AgencyTree } from './agency-tree.js';

/** What a caller may know of, as its queries need it. Null lifts a limit. */
export interface ReadLimits {
  /** Only dossiers that this client sent. */
  readonly client: string | null;
  /** Only dossiers of agencies with these codes. */
  readonly agencyCodes: readonly string[] | null;
}

/** The tree as one caller may see it. */
export interface AgencyView extends ReadLimits {
  readonly tree: AgencyTree;
  readonly sees: (agencyCode: string) => boolean;
}

/** What a domain needs that holds objects of agencies. */
export interface AgencyAccess {
  readonly scope: AgencyScope;
  readonly attempts: AccessAttemptStore;
}

const NOTHING: ReadonlySet<string> = new Set();

/** A caller without a scope sees the province, but for an agency's own system, which then sees nothing: a forgotten scope opens no door. */
const visibleTo = ({ role, agencyScope }: Caller, tree: AgencyTree): ReadonlySet<string> | null => {
  if (agencyScope !== null) return tree.visibleCodes(agencyScope);
  return role === 'agency' ? NOTHING : null;
};

/** Whether misses of this caller are worth keeping: it is held to a part of what there is. */
export const isLimited = ({ client, agencyCodes }: ReadLimits): boolean => client !== null || agencyCodes !== null;

/** Resolves callers to what they may see, from the tree as it is now. */
export class AgencyScope {
  readonly #directory: AgencyDirectory;

  constructor(directory: AgencyDirectory) {
    this.#directory = directory;
  }

  async viewOf(caller: Caller): Promise<AgencyView> {
    const tree = await this.#directory.current();
    const visible = visibleTo(caller, tree);
    return {
      tree,
      client: caller.role === 'portal' ? caller.client : null,
      agencyCodes: visible === null ? null : [...visible],
      sees: (code) => visible === null || visible.has(code),
    };
  }
}
