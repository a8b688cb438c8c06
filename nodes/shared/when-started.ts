import type { Node, NodeAPI } from 'node-red';

/**
 * Runs `action` once all flows run: what a node sends, reports or shows earlier is lost on catch, status and other
 * nodes that do not exist yet.
 */
export function whenStarted(RED: NodeAPI, node: Node, action: () => void): void {
  RED.events.once('flows:started', action);
  node.on('close', () => RED.events.removeListener('flows:started', action));
}
