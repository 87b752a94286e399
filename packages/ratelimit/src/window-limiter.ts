import { checkWhole } from './check-option.ts';
import { checkWindow, resolveLimiterOptions, type WindowOptions } from './limiter-options.ts';
import { Line } from './line.ts';
import { LocalLimiter } from './local-limiter.ts';
import type { WindowMeter } from './window-meter.ts';

/** What limiters by windows have in common: everything but how they count. */
export abstract class WindowLimiter extends LocalLimiter {
  readonly #line: Line;
  readonly #meter: WindowMeter;

  protected constructor(options: WindowOptions, meterOf: (name: string | undefined) => WindowMeter) {
    checkWindow(options);
    const resolved = resolveLimiterOptions(options);
    const meter = meterOf(resolved.name);
    const line = new Line(meter, resolved);
    super(line);
    this.#line = line;
    this.#meter = meter;
  }

  /** Holds at once, for what was counted before too. */
  update({ limit }: Pick<WindowOptions, 'limit'>): void {
    checkWhole('limit', limit, 0, Infinity);
    this.#line.change(() => {
      this.#meter.setLimit(limit);
    });
  }
}
