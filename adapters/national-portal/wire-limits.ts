import type { FieldLimits } from '../../src/dossiers/field-limits.js';

/**
 * Longest text that the wire keeps, in code points. Source: national-portal.md §11.2 point 6 (widths seen in two clients; the
 * official table was not found). Codes are never cut, since a cut code is another code: the domain refuses longer ones.
 */
export const WIRE_LIMITS: FieldLimits = {
  officialName: 50,
  subject: 1000,
  documentName: 2000,
  attachmentName: 4000,
  code: 50,
};
