import { createKey } from '@patterns/context';

/** Travels with every call, so that all services speak of the same order. */
export const orderId = createKey<string>('order-id');
