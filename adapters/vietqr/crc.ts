const POLYNOMIAL = 0x1021;
const CRC_HEAD = '6304';
const CRC_DIGITS = 4;

/** CRC-16/CCITT-FALSE of the UTF-8 bytes, as four upper-case hexadecimal digits. */
const crcOf = (text: string): string => {
  let crc = 0xffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ POLYNOMIAL) & 0xffff;
  }
  return crc.toString(16).toUpperCase().padStart(CRC_DIGITS, '0');
};

/** The content with its checksum, which covers its own tag and length too. */
export const withCrc = (content: string): string => `${content}${CRC_HEAD}${crcOf(content + CRC_HEAD)}`;

/** The content without its checksum, which must be the last field and right; either case of hexadecimal digits. Null otherwise. */
export const withoutCrc = (text: string): string | null => {
  const stated = text.slice(-CRC_DIGITS);
  const covered = text.slice(0, -CRC_DIGITS);
  return covered.endsWith(CRC_HEAD) && crcOf(covered) === stated.toUpperCase() ? covered.slice(0, -CRC_HEAD.length) : null;
};
