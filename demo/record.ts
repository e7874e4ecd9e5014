/** Writes what `scan` reads of the demo's cluster into demo/cluster.yaml: `node demo/record.ts`, after a change of its manifests. */
import { writeFile } from 'node:fs/promises';
import { dumpedResources } from '../src/sources/dump/dump-command.ts';
import { startControlPlane } from '../test/control-plane/control-plane.ts';
import { DEMO_OPTIONS, fillDemoCluster } from './cluster.ts';
import { RECORDED } from './recorded.ts';

const controlPlane = await startControlPlane(DEMO_OPTIONS);
try {
  await fillDemoCluster(controlPlane, (step) => {
    console.log(step);
  });
  await writeFile(RECORDED, await controlPlane.kubectl(['get', dumpedResources().join(','), '--all-namespaces', '--output=yaml']));
} finally {
  await controlPlane.stop();
}
