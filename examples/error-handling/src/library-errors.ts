import { defineError, sentinel } from '@patterns/errors';

/** Carries what was asked for, as data. `http` is what a client of the library is told. */
export class BookNotFound extends defineError('BookNotFound', {
  code: 'BOOK_NOT_FOUND',
  http: 404,
  message: ({ id }: { id: string }) => `no book '${id}'`,
}) {}

/** Another kind of failure: the kind decides the status, and that nobody tries again. */
export class OnLoan extends defineError('OnLoan', {
  code: 'ON_LOAN',
  kind: 'conflict',
  message: ({ title, to }: { title: string; to: string }) => `${title} is on loan to ${to}`,
}) {}

/** A field of a form. */
export class InvalidField extends defineError('InvalidField', {
  code: 'INVALID_FIELD',
  kind: 'client',
  message: ({ field, rule }: { field: string; rule: string }) => `${field} must be ${rule}`,
}) {}

/** What a page says that cannot be read. */
export class DamagedPage extends defineError('DamagedPage', {
  code: 'DAMAGED_PAGE',
  kind: 'bug',
  message: ({ page }: { page: number }) => `page ${page} is damaged`,
}) {}

/** There is nothing to be said about it but that it is this one: compared by identity. */
export const closed = sentinel('the library is closed', { code: 'LIBRARY_CLOSED' });
