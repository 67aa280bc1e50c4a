import net from 'node:net';

/** Forwards to a port until it is armed; then cuts after so many bytes in one direction. */
export class CuttingProxy {
  private budget = Infinity;
  private direction: 'up' | 'down' = 'up';
  private readonly pairs = new Set<[net.Socket, net.Socket]>();
  private readonly server: net.Server;
  port = 0;

  constructor(target: number) {
    this.server = net.createServer((near) => {
      const far = net.connect(target, '127.0.0.1');
      const pair: [net.Socket, net.Socket] = [near, far];
      this.pairs.add(pair);
      const pass = (from: net.Socket, to: net.Socket, direction: 'up' | 'down'): void => {
        from.on('data', (data) => {
          if (this.direction !== direction || this.budget >= data.length) {
            if (this.direction === direction) this.budget -= data.length;
            to.write(data);
            return;
          }
          // What was within the budget still arrives, then the link is gone in both directions.
          to.write(data.subarray(0, this.budget), () => this.cut());
          this.budget = 0;
        });
        from.on('error', () => undefined);
        from.on('close', () => {
          to.destroy();
          this.pairs.delete(pair);
        });
      };
      pass(near, far, 'up');
      pass(far, near, 'down');
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.port = (this.server.address() as net.AddressInfo).port;
  }

  arm(direction: 'up' | 'down', budget: number): void {
    this.direction = direction;
    this.budget = budget;
  }

  disarm(): void {
    this.budget = Infinity;
  }

  /** From now on nothing is passed on, and neither side is told: a network that is down. */
  freeze(): void {
    for (const [near, far] of this.pairs) {
      for (const socket of [near, far]) socket.removeAllListeners('data').removeAllListeners('close');
      near.on('close', () => undefined).resume();
      far.on('close', () => undefined).resume();
    }
  }

  cut(): void {
    for (const sockets of this.pairs) sockets.forEach((socket) => socket.destroy());
  }

  close(): void {
    this.cut();
    this.server.close();
  }
}
