/** Random cases are the same in every run of the tests; FC_SEED=n tries others. */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['FC_SEED'] ?? 1) });
