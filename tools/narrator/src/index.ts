export { check } from './check.ts';
export { at, say, scene, youShouldSee } from './narration.ts';
export { paint } from './paint.ts';
export { ProgressBar, type Terminal } from './progress-bar.ts';
export { wrapText } from './wrap-text.ts';
