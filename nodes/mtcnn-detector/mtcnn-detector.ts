import type { Node, NodeAPI, NodeDef } from 'node-red';
import type { DetectorConfig } from '../../src';
import { SharedDetector } from '../shared/detectors';
import { readFields } from '../shared/options';

interface DetectorNodeDef extends NodeDef {
  engine?: 'auto' | 'wasm' | 'native';
  processes?: number | string;
  /** seconds */
  deadline?: number | string;
}

/** A configuration node that runs detector processes of its own for the nodes that name it. */
export interface DetectorNode extends Node {
  shared: SharedDetector;
}

export default function register(RED: NodeAPI): void {
  function MtcnnDetector(this: DetectorNode, config: DetectorNodeDef): void {
    RED.nodes.createNode(this, config);
    this.shared = new SharedDetector((): DetectorConfig => {
      const { processes, deadline } = readFields(config, { processes: 'number', deadline: 'number' });
      return {
        engine: config.engine ?? 'auto',
        ...(processes === undefined ? {} : { processes }),
        ...(deadline === undefined ? {} : { deadlineMs: deadline * 1000 }),
        onWarning: (text) => this.warn(text),
      };
    });
  }
  RED.nodes.registerType('mtcnn-detector', MtcnnDetector);
}
