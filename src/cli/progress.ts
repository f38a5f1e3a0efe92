import { type Console, isLively } from './console.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
/** What is done sooner needs no sign of life. */
const PATIENCE_MS = 400;
const ERASE_LINE = '\r\u001b[K';

/** Shows on a terminal, and nowhere else, that something takes its time; gone when `work` has ended. */
export async function withProgress<Result>(
  { stderr, env }: Pick<Console, 'stderr' | 'env'>,
  text: string,
  work: Promise<Result>,
): Promise<Result> {
  if (!isLively(stderr, env)) return work;
  let shown = 0;
  const show = (): void => void stderr.write(`\r${FRAMES[shown++ % FRAMES.length]} ${text}`);
  let repeating: ReturnType<typeof setInterval> | undefined;
  const waiting = setTimeout(() => {
    show();
    repeating = setInterval(show, FRAME_MS);
  }, PATIENCE_MS);
  try {
    return await work;
  } finally {
    clearTimeout(waiting);
    clearInterval(repeating);
    if (shown > 0) stderr.write(ERASE_LINE);
  }
}

/** What comes of `work`; `undefined` when the process is asked to stop before. */
export function untilStop<Result>(
  console: Pick<Console, 'onStop'>,
  work: Promise<Result>,
): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    const forget = console.onStop(() => resolve(undefined));
    work.then(resolve, reject).finally(forget);
  });
}
