// Runs a study in the folder that it is told, and a line for every record: to be killed.
import { lotteryTicket } from '../../../../lib/pruning.ts';
import { tinyStudy } from './problem.ts';

const study = lotteryTicket({ ...tinyStudy(), sparsity: 0.75, rounds: 3, folder: process.argv[2]! });
for await (const _ of study) process.stdout.write('record\n');
