import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { cachedFolder } from './cached-folder.ts';
import { capture, run, say } from './process.ts';

/** Linux for an emulated x86 machine: files of this user's cache. */
export interface GuestLinux {
  kernel: string;
  /** A shell and its tools in one file without libraries. */
  busybox: string;
}

/** Debian's smallest kernel: this package only names the newest one, which has the file. */
const newestKernel = 'linux-image-cloud-amd64';

/** @returns what apt-get would install for a package that only names another */
function namedBy(name: string): string {
  const { stdout } = capture(['apt-cache', 'depends', '--important', name]);
  const found = /Depends: (linux-image-\S+)/.exec(stdout)?.[1];
  if (found === undefined) throw new Error(`apt has no package ${name}, whose kernel an emulated CPU boots`);
  return found;
}

/** Debian's kernel and BusyBox, downloaded and unpacked but not installed: nothing of this system changes. */
export async function guestLinux(): Promise<GuestLinux> {
  const folder = await cachedFolder('guest-linux', (aside) => {
    say('guest', 'downloading a kernel and BusyBox for an emulated CPU (once for this user)');
    const tree = path.join(aside, 'tree');
    mkdirSync(tree);
    run(['apt-get', 'download', '-qq', namedBy(newestKernel), 'busybox-static'], { cwd: aside });
    for (const file of readdirSync(aside).filter((name) => name.endsWith('.deb')))
      run(['dpkg-deb', '--extract', path.join(aside, file), tree]);
    const boot = path.join(tree, 'boot');
    const kernel = readdirSync(boot).find((name) => name.startsWith('vmlinuz'));
    if (kernel === undefined) throw new Error(`no kernel in the package that ${newestKernel} names`);
    copyFileSync(path.join(boot, kernel), path.join(aside, 'vmlinuz'));
    copyFileSync(path.join(tree, 'bin', 'busybox'), path.join(aside, 'busybox'));
  });
  return { kernel: path.join(folder, 'vmlinuz'), busybox: path.join(folder, 'busybox') };
}
