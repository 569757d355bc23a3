/** Longest text, in code points, that the registry's wire keeps of a field; what is longer is cut there and reported here. */
export interface FieldLimits {
  readonly officialName: number;
  readonly subject: number;
  readonly documentName: number;
  readonly attachmentName: number;
  readonly code: number;
}
