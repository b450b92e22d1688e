import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { guestLinux } from '../setup/guest-linux.ts';
import { CommandFailed, capture, captureLater, run } from '../setup/process.ts';
import { emulatedMachine, ensureSystemPackages } from '../setup/system-packages.ts';

export interface GuestRun {
  /** All that the guest printed. */
  console: string;
  /** What the command left in /report; empty without one. */
  report: string;
}

/**
 * Bochs steps through every instruction of a whole machine: the CPU has AVX-512, whatever this one has. Guest
 * seconds are counted in instructions: few a second, so that waiting for a clock costs little.
 */
const machine = `display_library: term
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/vgabios/vgabios.bin
cpu: model=corei7_skylake_x, count=1, ips=20000000, reset_on_triple_fault=0
memory: guest=512, host=512
ata0-master: type=cdrom, path=guest.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=console.txt
com2: enabled=1, mode=file, dev=report.txt
log: bochs.log
panic: action=fatal
`;

/** Bochs 2.7 states a wrong size for the compact form of a CPU's registers; a kernel that sees it goes without AVX. */
const bootLoader = `default guest
prompt 0
label guest
 kernel vmlinuz
 initrd initrd
 append console=ttyS0 quiet panic=-1 mitigations=off nokaslr clearcpuid=xsaves,xsavec lpj=40000 tsc=reliable
`;

/** Mounts, runs, hands the report over the second serial port, and switches off once the ports have had time to send. */
const init = (command: string) => `#!/bin/busybox sh
/bin/busybox mount -t devtmpfs devtmpfs /dev
/bin/busybox mount -t proc proc /proc
exec >/dev/ttyS0 2>&1 </dev/null
/bin/busybox grep -m1 ^flags /proc/cpuinfo
${command}
echo "ended with exit code $?"
/bin/busybox stty raw -F /dev/ttyS1
/bin/busybox cat /report >/dev/ttyS1
/bin/busybox sleep 2
/bin/busybox poweroff -f
`;

/** Everything into one CD that boots. */
async function makeDisc(folder: string, program: string, command: string): Promise<void> {
  const linux = await guestLinux();
  const tree = path.join(folder, 'tree');
  const disc = path.join(folder, 'disc');
  for (const name of ['bin', 'dev', 'proc', 'tmp']) mkdirSync(path.join(tree, name), { recursive: true });
  mkdirSync(disc);
  copyFileSync(linux.busybox, path.join(tree, 'bin', 'busybox'));
  run(['strip', '-o', path.join(tree, 'program'), program]);
  writeFileSync(path.join(tree, 'init'), init(command));
  chmodSync(path.join(tree, 'init'), 0o755);
  const packed = capture(['sh', '-c', 'find . | cpio -o -H newc >../disc/initrd'], { cwd: tree });
  if (packed.status !== 0) throw new Error(`cpio failed: ${packed.stderr}`);
  copyFileSync(linux.kernel, path.join(disc, 'vmlinuz'));
  copyFileSync('/usr/lib/ISOLINUX/isolinux.bin', path.join(disc, 'isolinux.bin'));
  copyFileSync('/usr/lib/syslinux/modules/bios/ldlinux.c32', path.join(disc, 'ldlinux.c32'));
  writeFileSync(path.join(disc, 'isolinux.cfg'), bootLoader);
  const boot = ['-b', 'isolinux.bin', '-no-emul-boot', '-boot-load-size', '4', '-boot-info-table'];
  const made = capture(['xorriso', '-as', 'mkisofs', '-o', path.join(folder, 'guest.iso'), ...boot, disc]);
  if (made.status !== 0) throw new Error(`xorriso failed: ${made.stderr}`);
}

/**
 * Boots Linux on an emulated x86 machine that has AVX-512 and runs one program there: some seventy million
 * instructions a second, half a minute of them before the program starts.
 *
 * @param folder - for everything that this writes; emptied first
 * @param program - without shared libraries; `/program` in the guest
 * @param command - for the guest's shell; it leaves its report in `/report`
 * @throws Error when the machine does not switch itself off
 */
export async function runOnEmulatedMachine(
  folder: string,
  program: string,
  command: string,
): Promise<GuestRun> {
  ensureSystemPackages(emulatedMachine);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await makeDisc(folder, program, command);
  writeFileSync(path.join(folder, 'bochsrc'), machine);
  // Debian's Bochs starts in its debugger: go.
  writeFileSync(path.join(folder, 'commands'), 'continue\n');
  const bochs = ['sh', '-c', 'exec bochs -q -f bochsrc -rc commands </dev/null'];
  const { status } = await captureLater(bochs, { cwd: folder, env: { TERM: 'vt100' } });
  const read = (name: string) => {
    const file = path.join(folder, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };
  // It ends with exit code 1 whichever way it ends.
  if (!read('console.txt').includes('reboot: Power down'))
    throw new CommandFailed(bochs, status, read('console.txt'));
  return { console: read('console.txt').replaceAll('\r', ''), report: read('report.txt') };
}
