export {
  freePort,
  makeUserDir,
  type NodeRedConfig,
  ROOT,
  type RunningNodeRed,
  startNodeRed,
} from '../../bench/start-node-red';
