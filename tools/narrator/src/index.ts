export { check } from './check.ts';
export { at, say, scene, youShouldSee } from './narration.ts';
export { paint } from './paint.ts';
export { wrapText } from './wrap-text.ts';
