import fc from 'fast-check';
import { seedOf } from './seed.ts';

// Mocha loads this before any test, in each of its processes.
fc.configureGlobal({ seed: seedOf(process.env) });
