import type { CarrierService } from '../../src/postal/postal-carrier-port.js';

/** Those that were seen in the party's document and in clients; a price list names more. */
export const SERVICES: readonly CarrierService[] = [
  { code: 'VCN', vi: 'Chuyển phát nhanh', en: 'Express' },
  { code: 'VTK', vi: 'Chuyển phát tiết kiệm', en: 'Economy' },
  { code: 'VHT', vi: 'Chuyển phát hỏa tốc', en: 'Urgent' },
  { code: 'PHS', vi: 'Nội tỉnh tiết kiệm', en: 'Economy within a province' },
];
