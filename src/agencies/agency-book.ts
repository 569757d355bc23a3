import { breach } from '../dossiers/rule-breach.js';
import type { RuleBreach } from '../dossiers/rule-breach.js';
import { vietnamDay } from './agency.js';
import type { AgencyView } from './agency-scope.js';

const UNKNOWN = breach('AGENCY_UNKNOWN', 'Không có cơ quan này trong danh mục', 'There is no such agency in the directory');
const INACTIVE = breach('AGENCY_INACTIVE', 'Cơ quan hoặc mã này không còn (chưa) hiệu lực vào ngày tiếp nhận', 'The agency or this code of it was not in force on the day of reception');

/** What the directory says of codes on a dossier; what its caller may not see is unknown, like what is not there. */
export class AgencyBook {
  readonly #view: AgencyView;

  constructor(view: AgencyView) {
    this.#view = view;
  }

  /** Known and in force on the day of reception; else the codes that may have been meant, or that took over. */
  checkAgency(code: string, receivedAt: Date): RuleBreach | null {
    const { tree, sees } = this.#view;
    const day = vietnamDay(receivedAt);
    const agency = sees(code) ? tree.find(code) : null;
    if (agency === null) return withAllowed(UNKNOWN, tree.nearest(code, day, sees));
    if (tree.findAt(code, day) !== null) return null;
    const inForce = agency.codes.filter((entry) => tree.findAt(entry.code, day) === agency).map((entry) => entry.code);
    return withAllowed(INACTIVE, [...inForce, ...agency.successors.map((successor) => successor.code)].filter(sees));
  }

  /** The agency in a dossier's code: of either epoch and any time, for old dossiers keep theirs. */
  checkCodePart(code: string, now: Date): RuleBreach | null {
    const { tree, sees } = this.#view;
    return sees(code) && tree.find(code) !== null ? null : withAllowed(UNKNOWN, tree.nearest(code, vietnamDay(now), sees));
  }
}

const withAllowed = (found: RuleBreach, allowed: readonly string[]): RuleBreach => (allowed.length === 0 ? found : { ...found, allowed });

/** Null where no tree was imported: then only the prefix of the province is checked. */
export const bookFor = (view: AgencyView): AgencyBook | null => (view.tree.isEmpty && view.agencyCodes === null ? null : new AgencyBook(view));
