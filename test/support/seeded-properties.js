/**
 * What tests get as `fast-check`: the same, under the seed of PROPERTY_SEED where it is set. CI sets one, so that what it says of a change
 * is the same each time; everywhere else each run draws its own, and looks where none has looked.
 */
import fc from '../../node_modules/fast-check/lib/fast-check.js';

const seed = process.env['PROPERTY_SEED'];
if (seed !== undefined && seed !== '') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });

export * from '../../node_modules/fast-check/lib/fast-check.js';
export default fc;
