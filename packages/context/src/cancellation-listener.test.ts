import { recordDiagnostics } from '@patterns-tools/test-kit';
import { withCancel } from './cancel-context.ts';
import { CancellationListener } from './cancellation-listener.ts';
import type { ContextDiagnostics } from './diagnostics.ts';

class Listener extends CancellationListener {
  readonly #onCanceled: () => void;

  constructor(onCanceled: () => void) {
    super();
    this.#onCanceled = onCanceled;
  }

  override onCanceled(): void {
    this.#onCanceled();
  }
}

describe('listeners', () => {
  it.each([0, 1, 2, 3])('are told in the order in which they came, also after number %i has left', (leaving) => {
    const context = withCancel();
    const told: number[] = [];
    const listeners = [0, 1, 2, 3].map((number) => new Listener(() => told.push(number)));
    for (const listener of listeners) listener.listenTo(context);
    listeners[leaving]?.stopListening();
    context.cancel();
    expect(told).toEqual([0, 1, 2, 3].filter((number) => number !== leaving));
  });

  it('that throw keep nobody else from being told, and are reported', () => {
    const bug = new Error('in onCanceled');
    const reports = recordDiagnostics<ContextDiagnostics>(['patterns:context:listener-error']);
    const context = withCancel();
    let told = 0;
    const broken = new Listener(() => {
      throw bug;
    });
    broken.listenTo(context);
    new Listener(() => told++).listenTo(context);
    context.cancel();
    reports.stop();
    expect(told).toBe(1);
    expect(reports.records.map(({ message }) => message)).toEqual([
      { name: undefined, listener: 'onCanceled', error: bug },
    ]);
  });
});
