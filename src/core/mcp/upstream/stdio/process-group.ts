// The end of a child process and of everything it has started. Children are leaders of their own process group; what
// they start stays in it unless it works hard to leave.
import { type ChildProcess, spawn } from 'node:child_process';
import { platform } from 'node:process';

/** How long a child may take to leave after its input was closed, and again after it was asked to. */
const GRACE_MS = 2000;
/** The same for what a child has left behind. */
const LEFTOVER_GRACE_MS = 500;
const LOOK_MS = 20;

/** Whether children can be put into a group of their own. */
export const HAS_GROUPS = platform !== 'win32';

/** Ends a child whose input has been closed: waits, asks (SIGTERM), forces (SIGKILL). Takes a little over 4 s at most. */
export async function endProcessGroup(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  if (!(await hasLeft(() => hasExited(child), GRACE_MS))) {
    signalGroup(pid, 'SIGTERM');
    if (!(await hasLeft(() => hasExited(child), GRACE_MS))) {
      signalGroup(pid, 'SIGKILL');
      await hasLeft(() => hasExited(child), GRACE_MS);
      return;
    }
  }
  await endLeftovers(pid);
}

/** Ends what a child that is gone has left behind. */
export async function endLeftovers(pid: number): Promise<void> {
  if (!HAS_GROUPS || !isGroupAlive(pid)) return;
  signalGroup(pid, 'SIGTERM');
  if (!(await hasLeft(() => !isGroupAlive(pid), LEFTOVER_GRACE_MS))) signalGroup(pid, 'SIGKILL');
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function isGroupAlive(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  if (!HAS_GROUPS) {
    // Windows knows no groups; its own tool follows the tree of processes.
    spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true, stdio: 'ignore' }).on('error', () => {});
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left.
  }
}

async function hasLeft(isGone: () => boolean, within: number): Promise<boolean> {
  const until = performance.now() + within;
  while (!isGone()) {
    if (performance.now() >= until) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return true;
}
