/**
 * How often a property is tried: as often as it is good for every run of the tests, or as often as `DUALSTACK_PROPERTY_RUNS` says, to look
 * for what is rare.
 */
export function propertyRuns(usual: number): number {
  const wanted = Number(process.env['DUALSTACK_PROPERTY_RUNS'] ?? usual);
  if (!Number.isInteger(wanted) || wanted < 1) throw new Error('DUALSTACK_PROPERTY_RUNS has to be a number of runs');
  return wanted;
}
