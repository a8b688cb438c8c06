import { describe, expect, it } from 'vitest';
import { makeFlow } from '../../worker/flow';
import { readOptions } from '../../worker/options';

const options = (...parameters: string[]) =>
  readOptions([...parameters, '--user', 'me', '--port', '1880'], { WORKER_PASSWORD: 'secret' }, '1.2.3')!; // no --help

describe('a flow over RabbitMQ', () => {
  const example = [
    {
      ...{ id: 'tab', type: 'tab' },
      env: [
        { name: 'RABBITMQ_URL', value: 'amqp://127.0.0.1:5672/archive?heartbeat=10', type: 'str' },
        { name: 'RABBITMQ_USER', value: 'detector', type: 'str' },
        { name: 'RABBITMQ_PASSWORD', value: '', type: 'cred' },
        { name: 'RABBITMQ_PREFETCH', value: '2', type: 'str' },
        { name: 'CSV', value: '/tmp/archive/faces.csv', type: 'str' },
      ],
    },
    { id: 'rabbit', z: 'tab', type: 'function', libs: [{ var: 'amqplib', module: 'amqplib' }] },
    { id: 'files', z: 'tab', type: 'function', libs: [{ var: 'fs', module: 'fs' }] },
    { id: 'detect', z: 'tab', type: 'mtcnn-detect', detector: '' },
  ];

  it('gets its broker, keeps the virtual host, and hands the password to the credentials', () => {
    const flow = makeFlow(
      example,
      options('--broker', 'amqps://[fd00::1]', '--processes', '2', '--folder', '/w'),
    );
    const [tab] = flow.nodes;
    expect(tab?.['env']).toMatchObject([
      { name: 'RABBITMQ_URL', value: 'amqps://[fd00::1]:5671/archive?heartbeat=10' },
      { name: 'RABBITMQ_USER', value: 'me' },
      { name: 'RABBITMQ_PASSWORD', value: '' },
      { name: 'RABBITMQ_PREFETCH', value: '3' },
      { name: 'CSV', value: '/w/archive/faces.csv' },
    ]);
    expect(flow.credentials).toEqual({ tab: { RABBITMQ_PASSWORD: 'secret' } });
    expect(flow.nodes.find(({ id }) => id === 'detect')).toMatchObject({ detector: 'workerdetector00' });
    expect(flow.nodes.find(({ type }) => type === 'mtcnn-detector')).toMatchObject({ processes: 2 });
  });

  it('brings what its functions load, and watches the one that is connected', () => {
    const flow = makeFlow(example, options('--broker', 'amqp://a'));
    expect(flow.packages).toEqual(['amqplib@2']);
    expect(flow.nodes.find(({ type }) => type === 'status')).toMatchObject({ scope: ['rabbit'], z: 'tab' });
  });

  it('is not for MQTT', () => {
    expect(() => makeFlow(example, options('--broker', 'mqtt://a'))).toThrow('does not speak mqtt');
  });
});
