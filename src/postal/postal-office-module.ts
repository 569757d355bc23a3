import { PostalOfficeDesk } from './postal-office-desk.js';
import type { PostalOfficeDeps } from './postal-office-desk.js';
import { createPostalOfficeResolvers } from './postal-office-resolvers.js';
import { PostalOfficeStore } from './postal-office-store.js';

/** Joins the parts of postal offices. `offices` is what orders and quotes ask. */
export const createPostalOffices = (deps: Omit<PostalOfficeDeps, 'store'>) => {
  const offices = new PostalOfficeDesk({ ...deps, store: new PostalOfficeStore() });
  return { offices, resolvers: createPostalOfficeResolvers(offices) };
};
