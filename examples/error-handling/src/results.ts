import { check, say, scene, youShouldSee } from '@patterns-tools/narrator';
import { all, is } from '@patterns/errors';
import { InvalidField } from './library-errors.ts';
import { parseLoan } from './loan-form.ts';

/** Where failing is part of the plan, a Result reads better than a throw. */
export function results(): void {
  scene('A Result where it reads better');
  say(
    'A form has two fields. Whoever fills it in wants to hear of both mistakes, not of the first: no throw, but a value; and two errors joined to one.',
  );
  youShouldSee('a loan, then both mistakes.');

  const good = parseLoan({ reader: 'Ada', days: '14' });
  console.log(`\n  ${good.ok ? `${good.value.reader}, ${good.value.days} days` : good.error.message}`);
  const { ok, error } = parseLoan({ days: 'forever' });
  for (const line of error?.message.split('\n') ?? []) console.log(`  - ${line}`);
  console.log();

  const fields = all(error, InvalidField).map(({ details }) => details.field);
  check(good.ok && good.value.days === 14, 'the type of the value is known where ok is true');
  check(!ok && fields.join() === 'reader,days', 'all() finds every one of the joined errors');
  check(is(error, InvalidField), 'is() looks into all of them');
}
