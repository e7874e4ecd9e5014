/** Preloaded by `--import` into the operator's process: chance is fixed in the middle, so that pauses can be measured. */
Math.random = () => 0.5;
